"""One scan on the command line: its options, its scanner, its baseline, and the Report of its results."""

from __future__ import annotations

import glob
import os
import sys
import time
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.terminal import note
from tokenward.errors import TokenwardError
from tokenward.fast_dataclasses import dataclass
from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile
from tokenward.operations.scan.report import Report, assemble_report, key_id, read_baseline
from tokenward.places import shown
from tokenward.sources.candidate import Trouble

Results = Iterable[ScannedFile | CleanFiles | Trouble]


class ScanFormat(StrEnum):
    """An output format of `tokenward scan`."""

    HUMAN = "human"
    LINES = "lines"
    JSON = "json"
    SARIF = "sarif"
    GITLAB = "gitlab"
    JUNIT = "junit"
    CSV = "csv"
    GITHUB = "github"


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """The command line of `scan`; each option is described where the toolkit reads it."""

    paths: Sequence[Path] = ()
    format: ScanFormat = ScanFormat.HUMAN
    staged: bool = False
    diff: str | None = None
    history: bool = False
    stdin: bool = False
    watch: bool = False
    baseline: Path | None = None
    cache: bool = True

    def require_one_kind(self) -> None:
        """Raise a TokenwardError if options exclude each other."""
        kinds = {
            "--staged": self.staged,
            "--diff": self.diff is not None,
            "--history": self.history,
            "--stdin": self.stdin,
            "--watch": self.watch,
        }
        chosen = [option for option, is_chosen in kinds.items() if is_chosen]
        if len(chosen) > 1:
            raise TokenwardError(f"`{chosen[0]}` and `{chosen[1]}` exclude each other; use only one of them.")
        if self.diff == "":
            raise TokenwardError("`--diff` requires a revision; name a commit, branch or tag.")
        if self.watch and self.format is not ScanFormat.HUMAN:
            raise TokenwardError("`--watch` prints one line per token and no other format; omit `--format`.")
        if self.stdin and self.paths:
            raise TokenwardError("`--stdin` scans no files; omit either the option or the paths.")

    def expanded(self) -> list[Path]:
        """Return the named paths; on Windows, no shell has expanded patterns."""
        named: list[Path] = []
        for path in self.paths:
            is_pattern = os.name == "nt" and not os.path.lexists(path)
            found = sorted(map(Path, glob.glob(str(path), recursive=True))) if is_pattern else []  # noqa: PTH207
            named += found or [path]
        return named

    def roots(self) -> list[Path]:
        """Return the absolute paths of the named files and folders, or of the current folder.

        Raises:
            TokenwardError: one does not exist.
        """
        for path in (paths := self.expanded()):
            if not os.path.lexists(path):
                raise TokenwardError(f"{shown(path)} does not exist; check the path.")
        return [path.absolute() for path in paths or [Path()]]


class ScanRun:
    """One scan, from its start to its report."""

    def __init__(self, options: ScanOptions, invocation: Invocation) -> None:
        """Start the scan.

        Raises:
            BaselineUnusable: the baseline cannot be used.
            StateDamaged: there is no usable key for fingerprints.
        """
        self._started = time.monotonic()
        self.options = options
        self.invocation = invocation
        self.scanner = invocation.scanner(announce=_announce)
        self._key = key_id(self.scanner.fingerprint)
        self._baseline = read_baseline(options.baseline, self._key) if options.baseline else None

    def report(self, results: Results, *, commits: int | None = None, named: Iterable[Path] = ()) -> Report:
        """Return the report of some results, with the arguments of `assemble_report`."""
        if self.options.format is ScanFormat.HUMAN and _is_watched():
            from tokenward.cli.scan.table import with_progress

            results = with_progress(results)
        return assemble_report(
            results,
            self._started,
            key=self._key,
            baseline=self._baseline,
            commits=commits,
            named=named,
            generic=self.invocation.settings.generic_severity,
        )


def _announce() -> None:
    note("Compiling the rules, once; this takes a few seconds.")


def _is_watched() -> bool:
    """Return whether a person sees stderr on a terminal that can rewrite a line."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    return is_terminal and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
