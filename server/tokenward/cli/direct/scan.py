"""Finds tokens in files, folders and repositories, and prints them, without the command-line toolkit."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.terminal import print_pieces, say
from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.records import dataclass

if TYPE_CHECKING:
    from tokenward.cli.scan_output.scan_run import Results, ScanRun
    from tokenward.operations.scan.report import Report
    from tokenward.settings import Settings

FOUND, FAILED = 1, 2
"""Exit codes if there are tokens, and if the scan, or that of a given path, failed."""
STDIN = "stdin"
"""The file name for stdin in reports."""


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
        if self.watch and self.format is not ScanFormat.HUMAN:
            raise TokenwardError("`--watch` prints one line per token and no other format; omit `--format`.")
        if self.stdin and self.paths:
            raise TokenwardError("`--stdin` scans no files; omit either the option or the paths.")


def scan_and_print(options: ScanOptions) -> int:
    """Scan, print the report, and return the exit code."""
    options.require_one_kind()
    start = partial(_scan_run, options)
    if options.watch:
        _watch(start(Invocation.here()), _existing(options.paths), cache=options.cache)
    if options.stdin:
        report = _report_of_stdin(start(Invocation.here()))
    elif options.staged or options.diff is not None or options.history:
        report = _report_of_git(options, start)
    else:
        report = _report(start(Invocation.here()), _existing(options.paths), cache=options.cache)
    _print(report, options.format)
    if options.format in (ScanFormat.HUMAN, ScanFormat.LINES) and not (options.stdin or options.history):
        from tokenward.cli.scan_output.lines import next_command

        if command := next_command(report, [*options.paths], is_staged=options.staged):
            say(f"Next: {command}")
    return FOUND if report.findings else FAILED if report.summary.is_partial else 0


def _scan_run(options: ScanOptions, invocation: Invocation) -> ScanRun:
    from tokenward.cli.scan_output.progress import is_watched, with_progress
    from tokenward.cli.scan_output.scan_run import ScanRun

    shows_progress = options.format is ScanFormat.HUMAN and is_watched()
    return ScanRun(invocation, options.baseline, with_progress if shows_progress else None)


def _watch(run: ScanRun, roots: list[Path], *, cache: bool) -> NoReturn:
    from tokenward.cli.scan_output.watch import watch
    from tokenward.operations.scan.scan import walk_choice

    choice = walk_choice(_settings_for(roots, run.invocation))
    watch(roots, choice, lambda: _report(run, roots, cache=cache), sys.stdout)


def _existing(paths: Sequence[Path]) -> list[Path]:
    return [found.absolute() for path in paths or [Path()] for found in _expand(path)]


def _expand(path: Path) -> list[Path]:
    """Return the paths that match a name; on Windows, no shell has expanded patterns."""
    if os.path.lexists(path):
        return [path]
    if os.name == "nt" and (found := sorted(map(Path, glob.glob(str(path), recursive=True)))):  # noqa: PTH207
        return found
    raise TokenwardError(f"{shown(path)} does not exist; check the path.")


def _report_of_stdin(run: ScanRun) -> Report:
    from tokenward.operations.scan.file_scan import ScannedFile
    from tokenward.operations.scan.workspace_rules import RootRules

    rules = RootRules(run.scanner, run.invocation.settings, run.invocation.places)
    local = rules.of(str(Path.cwd())).local
    content = sys.stdin.buffer.read()
    try:
        found = run.scanner.scan_content(content, STDIN, local)
    except TimeoutError:
        reason = "Stdin took too long to scan; split it into smaller parts."
    else:
        return run.report([ScannedFile(str(Path.cwd() / STDIN), len(content), *found), *rules.troubles()])
    raise TokenwardError(reason)


def _report_of_git(options: ScanOptions, start: Callable[[Invocation], ScanRun]) -> Report:
    from tokenward.cli.scan_output.scan_git import report_of_git

    if options.diff == "":
        raise TokenwardError("`--diff` requires a revision; name a commit, branch or tag.")
    may_be_gone = options.history or options.diff is None
    named = [path.absolute() for path in options.paths] if may_be_gone else _existing(options.paths)
    return report_of_git(
        named, start, revisions=options.diff or "", history=options.history, has_cache=options.cache
    )


def _report(run: ScanRun, roots: list[Path], *, cache: bool) -> Report:
    from tokenward.operations.scan.scan import find_in_folders, scan_folders
    from tokenward.operations.scan.skipped import SkippedFiles
    from tokenward.sources.cache.cache import ScanCache

    places = run.invocation.places
    settings = _settings_for(roots, run.invocation)
    scan_cache, skipped = ScanCache(places.scan_cache) if cache else None, SkippedFiles()
    # Files, and folders that cannot be listed.
    named = [root for root in roots if not (root.is_dir() and os.access(root, os.R_OK | os.X_OK))]
    if named:
        results: Results = scan_folders(
            run.scanner, roots, settings, places, cache=scan_cache, skipped=skipped
        )
    else:
        results = find_in_folders(run.scanner, roots, settings, places, scan_cache, skipped=skipped)
    return run.record_and_report(results, roots, named=named, skipped=skipped)


def _settings_for(roots: list[Path], invocation: Invocation) -> Settings:
    """Return the workspace's settings; its exclusions apply only to its own files."""
    folder = Path(os.path.realpath(invocation.folder))
    is_own = all(Path(os.path.realpath(root)).is_relative_to(folder) for root in roots)
    return invocation.settings if is_own else replace(invocation.settings, workspace_exclude=())


def _print_for_people(report: Report, *, is_table: bool) -> None:
    if is_table:
        from rich.console import Console

        from tokenward.cli.scan_output.table import print_report

        print_report(report, Console())
        return
    from tokenward.cli.scan_output.lines import print_lines

    print_lines(report, sys.stdout)


def _print(report: Report, format_: ScanFormat) -> None:
    if format_ in (ScanFormat.HUMAN, ScanFormat.LINES):
        _print_for_people(report, is_table=format_ is ScanFormat.HUMAN and sys.stdout.isatty())
        return
    from tokenward.presentation.reports import csv_report, github, gitlab, json_report, junit, sarif

    renderers: dict[ScanFormat, Callable[[Report], Iterator[str]]] = {
        ScanFormat.JSON: json_report.render,
        ScanFormat.SARIF: sarif.render,
        ScanFormat.GITLAB: gitlab.render,
        ScanFormat.JUNIT: junit.render,
        ScanFormat.CSV: csv_report.render,
        ScanFormat.GITHUB: github.render,
    }
    print_pieces(renderers[format_](report))
