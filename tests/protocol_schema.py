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
    row = PROTOCOL["messages"].get(method)
    if row is not None:
        _validator(method)(result)


@cache
def _validator(method: str) -> Any:
    return fastjsonschema.compile({**PROTOCOL["messages"][method]["result"], "$defs": PROTOCOL["$defs"]})
