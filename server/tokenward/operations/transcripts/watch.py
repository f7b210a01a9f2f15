"""Follows the transcripts of AI agents while they grow, and says which token an agent has just seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path
from typing import NamedTuple

from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Fingerprint
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.excerpts import ledger_name
from tokenward.operations.logs.log_scan import LogFound, LogNews, LogWatch
from tokenward.operations.open_folder.events import UserNotice
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.operations.transcripts.records import seen_record
from tokenward.operations.transcripts.transcript_files import ROWS, Format, TranscriptRow, base_of
from tokenward.places import by_home

_FOLLOWED = (Format.LINES, Format.TEXT, Format.CHAT)
"""The formats that grow at their end."""
_HOW = "written to its transcript"


class TranscriptWatch:
    """Reports each new token in a followed transcript, until it is closed."""

    def __init__(
        self,
        roots: SearchRoots,
        scanner: Scanner,
        rules: RootRules,
        ledger: Ledger,
        report: Callable[[LogNews | UserNotice], None],
    ) -> None:
        """Begin with what is written from now on; `report` is called from a thread and must not raise."""
        self._followed = [one for row in ROWS if (one := _followed(row, roots)) is not None]
        self._scanner, self._ledger, self._report = scanner, ledger, report
        self._known: set[tuple[Path, Fingerprint]] = set()
        patterns = [one.pattern for one in self._followed]
        self._watch = LogWatch(roots.home, patterns, scanner, rules, self._receive, from_start=False)

    def close(self) -> None:
        """Stop reporting."""
        self._watch.close()

    def _receive(self, news: LogNews) -> None:
        if isinstance(news, LogFound):
            row = next((one.row for one in self._followed if one.has(news.path)), None)
            # A link that another program has planted says nothing about the agent.
            if row is None:
                return
            for finding in news.findings:
                if (news.path, finding.fingerprint) not in self._known:
                    self._known.add((news.path, finding.fingerprint))
                    self._notice(row, news.path, finding)
        self._report(news)

    def _notice(self, row: TranscriptRow, path: Path, finding: Finding) -> None:
        origin = ledger_name(self._scanner, str(path))
        line = finding.start.line + 1
        record = seen_record(finding, origin, row, how=_HOW, when=datetime.now(UTC), line=line)
        why = ""
        try:
            self._ledger.record_all([record])
        except StateDamaged as error:
            why = f" The ledger does not record it: {error}"
        self._report(
            UserNotice(
                f"{row.agent} has seen a token: {finding.label}, in {by_home(path)}. `tokenward agents transcripts` "
                f"shows how, replaces it and revokes it.{why}"
            )
        )


class _FollowedRow(NamedTuple):
    """A row, the folder that its pattern begins with, and the whole pattern."""

    row: TranscriptRow
    base: Path
    pattern: str

    def has(self, path: Path) -> bool:
        """Return whether a path matches, and no link is on the way to it from the folder."""
        if not (path.is_relative_to(self.base) and fnmatchcase(str(path), self.pattern.replace("**/", "*"))):
            return False
        return path.resolve() == self.base.resolve() / path.relative_to(self.base)


def _followed(row: TranscriptRow, roots: SearchRoots) -> _FollowedRow | None:
    base, parts = base_of(row, roots)
    if base is None or not row.is_agent or row.format not in _FOLLOWED:
        return None
    return _FollowedRow(row, base, "/".join([escape(str(base)), *parts]))
