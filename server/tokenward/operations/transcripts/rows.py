"""Where AI agents, editors and shells leave what was said and typed: the rows of `rows.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any


class Format(StrEnum):
    """How a file is read and rewritten."""

    LINES = "JSON lines"
    JSON = "JSON"
    TEXT = "text"
    CHAT = "chat"
    """Text in which marks at the beginning of lines say who wrote them."""
    BINARY = "blocks"
    """Nothing may change its length."""
    SQLITE = "SQLite"


class Arrival(StrEnum):
    """How a token got into a transcript."""

    PASTED = "pasted by a person"
    READ = "read from a file"
    PRINTED = "printed by a tool"
    REPEATED = "repeated by the model"
    LEFT = "left by a program"


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """One kind of file.

    Attributes:
        agent: as the ledger names it; for other programs, their name.
        place: a pattern: `~/…`, `{VARIABLE|~/…}/…` where a variable moves it, otherwise in a workspace.
        origin: how tokens get there where the content does not say it.
        source: where this was read.
        is_agent: a model reads or wrote it.
        date: when it was read.
    """

    agent: str
    place: str
    format: Format
    origin: Arrival
    source: str
    is_agent: bool
    date: str


def _rows(table: dict[str, Any]) -> Iterator[TranscriptRow]:
    for one in table["program"]:
        for place, format_, origin in one["places"]:
            yield TranscriptRow(
                one["name"],
                place,
                Format[format_],
                Arrival[origin],
                one["source"],
                one.get("is-agent", True),
                table["read"],
            )


ROWS = (*_rows(tomllib.loads((files("tokenward.operations.transcripts") / "rows.toml").read_text("utf-8"))),)
