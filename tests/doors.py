"""Doors of servers under test: waiting for one, and knocking at it as a command does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from tokenward.custody.callers.callers import Caller
from tokenward.custody.sockets import registry
from tokenward.custody.sockets.client import knock
from tokenward.custody.sockets.registry import Door
from tokenward.model import Reference
from tokenward.operations.approval.approval import ApprovalQuestion, Reply
from tokenward.operations.approval.messages import Refusal, read_reply, written

PATIENCE = 30.0


def records(environment: Mapping[str, str]) -> Path:
    return registry.folder_in(Path(environment["HOME"], ".local", "share", "tokenward"))


async def door(environment: Mapping[str, str], folder: Path) -> Door:
    """The door of the server that has a folder open; waits for it."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not (found := registry.doors_of(records(environment), Path(os.path.realpath(folder)))):
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)
    return found[0]


def question(
    folder: Path, *, program: str | None = "/usr/bin/true", command: tuple[str, ...] = ()
) -> ApprovalQuestion:
    """A question by a command in a folder."""
    path = None if program is None else Path(program)
    return ApprovalQuestion(folder, (Reference("acme-api", "TOKEN"),), "run", Caller(()), path, command, True)


def ask(door: Door, asked: ApprovalQuestion) -> Reply | Refusal:
    """What the server at a door says; blocks."""
    return read_reply(knock(door, written(asked), PATIENCE))
