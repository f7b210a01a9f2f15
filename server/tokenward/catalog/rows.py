"""Rows: what is known of the world, as data. One TOML file describes one thing; each part reads its own columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def rows(kind: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of a kind of things, such as `agents`, by the names of their files."""
    files, compiled = sorted(FOLDER.joinpath(kind).glob("*.toml")), FOLDER / f"{kind}.json"
    # Packages have no other; in a checkout, a file may have been changed since.
    if compiled.is_file() and all(one.stat().st_mtime <= compiled.stat().st_mtime for one in files):
        found: dict[str, dict[str, Any]] = json.loads(compiled.read_bytes())
        return found
    return read(kind)


def read(kind: str) -> dict[str, dict[str, Any]]:
    """Return the same from the TOML files, which takes twenty times as long."""
    import tomllib  # noqa: PLC0415

    files = sorted(FOLDER.joinpath(kind).glob("*.toml"))
    return {one.stem: tomllib.loads(one.read_text("utf-8")) for one in files}
