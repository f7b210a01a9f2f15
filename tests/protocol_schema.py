"""Checks what the server answers against protocol.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

PROTOCOL = json.loads((Path(__file__).parents[1] / "server/tokenward/protocol.json").read_text("utf-8"))


def require_result(method: str, result: object) -> None:
    """Return only if a result is of the type that the protocol gives it; methods of the LSP have none there."""
    if method in PROTOCOL["messages"]:
        _validator("messages", method)(result)


def require_command_result(command: str, result: object) -> None:
    """Return only if the result of a command is of the type that the protocol gives it."""
    _validator("commands", command)(result)


@cache
def _validator(kind: str, name: str) -> Any:
    return fastjsonschema.compile({**PROTOCOL[kind][name]["result"], "$defs": PROTOCOL["$defs"]})
