"""Where AI agents, editors and shells leave what was said and typed: the `transcripts` of the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tokenward.catalog.rows import rows


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


def _rows() -> Iterator[TranscriptRow]:
    for kind in ("agents", "tools"):
        for row in rows(kind).values():
            table = row.get("transcripts")
            if table is None:
                continue
            is_agent = kind == "agents" and table.get("is_agent", True)
            name = row.get("ledger_name", row["name"]) if is_agent else row["name"]
            for place, form, origin in table["places"]:
                yield TranscriptRow(name, place, Format[form], Arrival[origin], is_agent)


# A pattern of copies that an editor keeps fits files of another, whose length may not change.
ROWS = tuple(sorted(_rows(), key=lambda row: row.format is not Format.BINARY))
