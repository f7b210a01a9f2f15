"""What commands printed that `tokenward shell` and `tokenward exec` watch, as far as they left word of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody import terminal_records as records
from tokenward.custody.terminal_records import TerminalFinding, TerminalRecord
from tokenward.findings.excerpt import MASK, MOST_COLUMNS, MOST_LINES, Excerpt
from tokenward.model import Point
from tokenward.operations.terminal.printed import Heading, Printed
from tokenward.places import canonical, shown

_OPENING = re.compile(r"\((\S*)…, ")


@dataclass(frozen=True, slots=True)
class OutsideCommand:
    """A command that was watched elsewhere.

    Attributes:
        id: 32 hex characters.
        cwd: where it was started.
        started: when, in seconds since 1970.
    """

    id: str
    cwd: Path
    started: float
    heading: Heading
    printed: list[Printed]


class OutsideShells:
    """Reads the records, but only when one of them has changed; to be used by one thread at a time."""

    def __init__(self, data_dir: Path) -> None:
        """Take the user's folder for data."""
        self._folder = records.folder_in(data_dir)
        self._seen: object = None
        self._commands: tuple[OutsideCommand, ...] = ()

    def commands(self) -> tuple[OutsideCommand, ...]:
        """What is known of by now, the newest first; blocks."""
        seen = _files(self._folder)
        if seen != self._seen:
            self._seen = seen
            self._commands = tuple(_command(record) for record in records.read(self._folder))
        return self._commands


def _files(folder: Path) -> object:
    """Another value when a file has changed."""
    try:
        with os.scandir(folder) as entries:
            return sorted((one.name, one.stat(follow_symlinks=False).st_mtime_ns) for one in entries)
    except OSError:
        return None


def _command(record: TerminalRecord) -> OutsideCommand:
    heading = Heading(shown(record.command), folder=shown(record.cwd))
    return OutsideCommand(
        record.id,
        Path(canonical(record.cwd)),
        record.started,
        heading,
        [_printed(finding) for finding in record.findings],
    )


def _printed(finding: TerminalFinding) -> Printed:
    return Printed(
        rule=finding.rule,
        provider=finding.provider,
        label=finding.label,
        fingerprint=finding.fingerprint,
        whole=True,
        variable="",
        line=finding.line,
        excerpt=_excerpt(finding),
    )


def _excerpt(finding: TerminalFinding) -> Excerpt:
    """The lines, and where in them a token is left out as the label has it; else the first line."""
    lines = tuple(shown(line)[:MOST_COLUMNS] for line in finding.excerpt.split("\n")[:MOST_LINES])
    opening = _OPENING.search(finding.label)
    mark = re.compile(re.escape(opening[1] if opening else "") + re.escape(MASK) + "+")
    for number, line in enumerate(lines):
        if found := mark.search(line):
            return Excerpt(lines, Point(number, found.start()), Point(number, found.end()))
    return Excerpt(lines, Point(0, 0), Point(0, len(lines[0])))
