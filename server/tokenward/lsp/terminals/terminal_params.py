"""A client's parameters about its terminals, checked by hand because they may contain any program's output."""

from __future__ import annotations

import os
import re
from dataclasses import field
from pathlib import Path

from tokenward.fast_dataclasses import dataclass

MOST_CHARACTERS = 1_048_576
"""The most characters in a message; a longer one is refused."""
_LONGEST_COMMAND = 4_096
_LONGEST_NAME = 100
_LONGEST_PATH = 4_096
_WIDEST = 10_000
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


@dataclass(frozen=True, slots=True)
class ExecutionKey:
    """The client's ids for an execution."""

    terminal: str
    execution: str

    @classmethod
    def of(cls, raw: object) -> ExecutionKey | None:
        """Return the execution that parameters name, if any."""
        if not isinstance(raw, dict):
            return None
        terminal, execution = _id(raw.get("terminal")), _id(raw.get("execution"))
        return cls(terminal, execution) if terminal and execution else None


@dataclass(frozen=True, slots=True)
class TerminalData:
    """Output of an execution.

    Attributes:
        key: the client's ids of the execution.
        name: the terminal's name; may be empty.
        cwd: its working folder, if the client knows it.
        command: its command line; empty if the client does not know it.
        data: the output in UTF-8; None if it is too much.
        columns: the width of the terminal; 0 if the client does not know it.
    """

    key: ExecutionKey
    name: str
    cwd: Path | None
    command: str = field(repr=False)
    data: bytes | None = field(repr=False)
    columns: int = 0

    @classmethod
    def of(cls, raw: object) -> TerminalData | None:
        """Return checked parameters; None if they cannot be used."""
        key = ExecutionKey.of(raw)
        if key is None or not isinstance(raw, dict) or not isinstance(raw.get("data"), str):
            return None
        data = raw["data"]
        return cls(
            key,
            _text(raw.get("name"), _LONGEST_NAME),
            _path(raw.get("cwd")),
            _text(raw.get("commandLine"), _LONGEST_COMMAND),
            # A character may be split between two messages; no token contains such characters.
            data.encode("utf-8", "replace") if len(data) <= MOST_CHARACTERS else None,
            _columns(raw.get("columns")),
        )


def exit_code(raw: object) -> int | None:
    """Return how an execution ended; None if the client does not say."""
    code = raw.get("exitCode") if isinstance(raw, dict) else None
    usable = isinstance(code, int) and not isinstance(code, bool) and abs(code) < 2**32
    return code if usable else None


def _id(raw: object) -> str:
    text = str(raw) if isinstance(raw, (int, str)) and not isinstance(raw, bool) else ""
    return text if _ID.fullmatch(text) else ""


def _text(raw: object, most: int) -> str:
    return raw[:most] if isinstance(raw, str) else ""


def _columns(raw: object) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= _WIDEST else 0


def _path(raw: object) -> Path | None:
    if not isinstance(raw, str) or len(raw) > _LONGEST_PATH or "\0" in raw or not os.path.isabs(raw):  # noqa: PTH117
        return None
    return Path(os.path.normpath(raw))
