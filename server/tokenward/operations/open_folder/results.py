"""What a look at files came to: counted, and that of it which is news."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Set as AbstractSet
from pathlib import Path

from tokenward.operations.open_folder.events import Looked
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.sources.candidate import Trouble


class FolderResults:
    """Results, counted, and those of them that are news.

    Attributes:
        news: what is to be told.
        files: how many were looked at.
        held: files of which something is to be known.
        empty: those of which something was known, and nothing is any longer.
    """

    def __init__(self, known: AbstractSet[Path]) -> None:
        self._known = known
        self._findings = 0
        self._silenced: Counter[str] = Counter()
        self._left_out: list[str] = []
        self.news: list[ScannedFile | Trouble] = []
        self.files = 0
        self.held: set[Path] = set()
        self.empty: set[Path] = set()

    def take(self, result: ScannedFile | Trouble) -> None:
        """Count a result, and keep it where it is news."""
        if self._count(result):
            self.held.add(result.path)
            self.news.append(result)
        elif result.path in self._known:
            self.empty.add(result.path)
            self.news.append(result)

    def leave_out(self, sentence: str) -> None:
        """Note why something was not looked at."""
        self._left_out.append(sentence)

    def looked(self, seconds: float, *, was_cancelled: bool) -> Looked:
        """What the whole look came to."""
        return Looked(
            self.files, self._findings, seconds, was_cancelled, self._silenced, tuple(self._left_out)
        )

    def _count(self, result: ScannedFile | Trouble) -> bool:
        """Count a result; whether there is something to know of its file."""
        if isinstance(result, Trouble):
            self.leave_out(result.sentence)
            # Of a path that is too long, or in a folder that may not be entered, nobody can tell.
            return os.path.isfile(result.path)  # noqa: PTH113 - pathlib raises there
        self.files += 1
        self._findings += len(result.findings)
        self._silenced.update(one.source for one in result.silenced)
        return bool(result.findings)
