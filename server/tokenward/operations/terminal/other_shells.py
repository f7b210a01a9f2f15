"""Commands that `tokenward shell` and `tokenward exec` watch elsewhere, read from their records."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tokenward.custody import terminal_records
from tokenward.custody.terminal_records import TerminalFinding, TerminalRecord
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.excerpt import MASK, MOST_COLUMNS, MOST_LINES, Excerpt
from tokenward.model import Point
from tokenward.operations.terminal.output import Heading, PrintedToken
from tokenward.places import canonical, shown

_LABEL_PREFIX = re.compile(r"\((\S*)…, ")


@dataclass(frozen=True, slots=True)
class OtherCommand:
    """A command that is watched elsewhere.

    Attributes:
        id: 32 hex characters.
        started: when it was started, in seconds since 1970.
    """

    id: str
    cwd: Path
    started: float
    heading: Heading
    printed: list[PrintedToken]


class OtherShellRecords:
    """Reads the records again only if one of them has changed; for one thread at a time."""

    def __init__(self, data_dir: Path) -> None:
        """Take the user's data folder."""
        self._folder = terminal_records.folder_in(data_dir)
        self._seen: object = None
        self._commands: tuple[OtherCommand, ...] = ()

    def commands(self) -> tuple[OtherCommand, ...]:
        """Return the commands on record, the newest first; blocks."""
        seen: object = None
        try:
            with os.scandir(self._folder) as entries:
                seen = sorted((one.name, one.stat(follow_symlinks=False).st_mtime_ns) for one in entries)
        except OSError:
            pass
        if seen != self._seen:
            self._seen = seen
            self._commands = tuple(map(_command, terminal_records.read(self._folder)))
        return self._commands


def _command(record: TerminalRecord) -> OtherCommand:
    heading = Heading(shown(record.command), folder=shown(record.cwd))
    printed = [
        PrintedToken(
            rule=finding.rule,
            provider=finding.provider,
            label=finding.label,
            fingerprint=finding.fingerprint,
            whole=True,
            variable="",
            line=finding.line,
            excerpt=_excerpt(finding),
        )
        for finding in record.findings
    ]
    return OtherCommand(record.id, Path(canonical(record.cwd)), record.started, heading, printed)


def _excerpt(finding: TerminalFinding) -> Excerpt:
    """Return the recorded lines, with the masked token that has the label's prefix, or else with the first line."""
    lines = tuple(shown(line)[:MOST_COLUMNS] for line in finding.excerpt.split("\n")[:MOST_LINES])
    prefix = _LABEL_PREFIX.search(finding.label)
    mark = re.compile(re.escape(prefix[1] if prefix else "") + re.escape(MASK) + "+")
    for number, line in enumerate(lines):
        if found := mark.search(line):
            return Excerpt(lines, Point(number, found.start()), Point(number, found.end()))
    return Excerpt(lines, Point(0, 0), Point(0, len(lines[0])))
