"""Where AI agents, editors and shells leave what was said and typed: the rows of `rows.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files


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
        is_agent: a model reads or wrote it.
    """

    agent: str
    place: str
    format: Format
    origin: Arrival
    is_agent: bool


_TABLE = (files("tokenward.operations.transcripts") / "rows.toml").read_text("utf-8")
ROWS = tuple(
    TranscriptRow(one["name"], place, Format[format_], Arrival[origin], one.get("is-agent", True))
    for one in tomllib.loads(_TABLE)["program"]
    for place, format_, origin in one["places"]
)
