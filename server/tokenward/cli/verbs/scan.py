"""`tokenward scan`: find tokens in files and folders, for people and for programs."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.terminal import print_pieces, say
from tokenward.errors import TokenwardError
from tokenward.places import shown

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


def register(app: typer.Typer) -> None:
    """Register the verb `scan`."""
    app.command()(scan)


def scan(
    paths: list[Path] = typer.Argument(
        None,
        metavar="[PATHS]...",
        help="Files and folders; by default the current folder, or the whole repository.",
    ),
    *,
    format_: ScanFormat = typer.Option(
        ScanFormat.HUMAN, "--format", help="Text for people, also line by line, or a format for programs."
    ),
    staged: bool = typer.Option(False, "--staged", help="Scan only what the next commit would add."),
    diff: str = typer.Option(
        None, "--diff", metavar="REV", help="Scan only lines added since REV, or between A..B or A...B."
    ),
    history: bool = typer.Option(False, "--history", help="Scan all commits, and report each token once."),
    stdin: bool = typer.Option(False, "--stdin", help="Scan stdin instead of files."),
    watch: bool = typer.Option(False, "--watch", help="Keep running and report tokens as they appear."),
    baseline: Path = typer.Option(
        None, "--baseline", metavar="FILE", help="Leave out the findings of an earlier JSON report."
    ),
    cache: bool = typer.Option(True, "--cache/--no-cache", help="Use cached results for unchanged files."),
) -> None:
    """Scan files and folders for tokens, including git-ignored files of kinds that often contain them.

    Exit codes: 0 no tokens, 1 tokens found, 2 the scan failed.
    """
    kinds = {
        "--staged": staged,
        "--diff": diff is not None,
        "--history": history,
        "--stdin": stdin,
        "--watch": watch,
    }
    _refuse_conflicts([option for option, is_chosen in kinds.items() if is_chosen], format_, paths)

    start = partial(_scan_run, baseline=baseline, format_=format_)
    if watch:
        _watch(start(Invocation.here()), _existing(paths), cache=cache)
    if stdin:
        report = _report_of_stdin(start(Invocation.here()))
    elif staged or diff is not None or history:
        report = _report_of_git(paths or [], start, diff=diff, history=history, cache=cache)
    else:
        report = _report(start(Invocation.here()), _existing(paths), cache=cache)
    _print(report, format_)
    if format_ in (ScanFormat.HUMAN, ScanFormat.LINES) and not (stdin or history):
        _print_next(report, paths or [], is_staged=staged)
    raise typer.Exit(FOUND if report.findings else FAILED if report.summary.is_partial else 0)


def _scan_run(invocation: Invocation, *, baseline: Path | None, format_: ScanFormat) -> ScanRun:
    from tokenward.cli.scan_output.progress import is_watched, with_progress
    from tokenward.cli.scan_output.scan_run import ScanRun

    if format_ is ScanFormat.HUMAN and is_watched():
        return ScanRun(invocation, baseline, with_progress)
    return ScanRun(invocation, baseline)


def _refuse_conflicts(chosen: list[str], format_: ScanFormat, paths: list[Path] | None) -> None:
    if len(chosen) > 1:
        raise TokenwardError(f"`{chosen[0]}` and `{chosen[1]}` exclude each other; use only one of them.")
    if chosen == ["--watch"] and format_ is not ScanFormat.HUMAN:
        raise TokenwardError("`--watch` prints one line per token and no other format; omit `--format`.")
    if chosen == ["--stdin"] and paths:
        raise TokenwardError("`--stdin` scans no files; omit either the option or the paths.")


def _watch(run: ScanRun, roots: list[Path], *, cache: bool) -> NoReturn:
    from tokenward.cli.scan_output.watch import watch
    from tokenward.operations.scan.scan import walk_choice

    choice = walk_choice(_settings_for(roots, run.invocation))
    watch(roots, choice, lambda: _report(run, roots, cache=cache), sys.stdout)


def _existing(paths: list[Path] | None) -> list[Path]:
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


def _report_of_git(
    paths: list[Path], start: Callable[[Invocation], ScanRun], *, diff: str | None, history: bool, cache: bool
) -> Report:
    from tokenward.cli.scan_output.scan_git import GitScanOptions, report_of_git

    if diff == "":
        raise TokenwardError("`--diff` requires a revision; name a commit, branch or tag.")
    named = [path.absolute() for path in paths] if history or diff is None else _existing(paths)
    return report_of_git(GitScanOptions(named, diff or "", history, cache), start)


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


def _print_next(report: Report, roots: list[Path], *, is_staged: bool) -> None:
    from tokenward.cli.scan_output.next_step import next_command

    if command := next_command(report, roots, is_staged=is_staged):
        say(f"Next: {command}")


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
