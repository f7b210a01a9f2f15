"""Sockets of servers under test: waiting for one, and sending it a request as a command does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from tokenward.custody.callers.callers import Caller
from tokenward.custody.sockets import registry
from tokenward.custody.sockets.client import send_request
from tokenward.custody.sockets.registry import SocketRecord
from tokenward.model import Reference
from tokenward.operations.approval.approval import ApprovalQuestion, Reply
from tokenward.operations.approval.messages import Refusal, read_reply, written

PATIENCE = 60.0


def records(environment: Mapping[str, str]) -> Path:
    return registry.folder_in(Path(environment["HOME"], ".local", "share", "tokenward"))


async def socket_record(
    environment: Mapping[str, str], folder: Path, *, apart_from: Collection[SocketRecord] = ()
) -> SocketRecord:
    """Wait for the socket of a server that has exactly this folder open, and return it; not one known before."""
    place = Path(os.path.realpath(folder))
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        for found in registry.sockets_for(records(environment), place):
            if place in found.folders and found not in apart_from:
                return found
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)


def question(
    folder: Path, *, program: str | None = "/usr/bin/true", command: tuple[str, ...] = ()
) -> ApprovalQuestion:
    """Return a command's question about a token in a folder."""
    path = None if program is None else Path(program)
    return ApprovalQuestion(folder, (Reference("acme-api", "TOKEN"),), "run", Caller(()), path, command, True)


def ask(socket_record: SocketRecord, sent: ApprovalQuestion) -> Reply | Refusal:
    """Ask the server at a socket and block until it answers."""
    return read_reply(send_request(socket_record, written(sent), PATIENCE))
