"""`tokenward scan`: the tokens in files and folders, for people and for programs."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.terminal import print_text
from tokenward.errors import TokenwardError
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.cli.scan_output.work import Results, Work
    from tokenward.operations.scan.report import Report
    from tokenward.settings import Settings

FOUND, FAILED = 1, 2
"""Exit codes when there are tokens, and when the scan, or that of a path which was named, failed; else it is 0."""
STDIN = "stdin"
"""What reports call a text that is no file."""


class Format(StrEnum):
    """What a scan prints: a table for people, or a format that another program reads."""

    HUMAN = "human"
    JSON = "json"
    SARIF = "sarif"
    GITLAB = "gitlab"
    JUNIT = "junit"
    CSV = "csv"
    GITHUB = "github"


def register(app: typer.Typer) -> None:
    app.command()(scan)


def scan(
    paths: list[Path] = typer.Argument(
        None, metavar="[PATHS]...", help="Files and folders; this folder, or the whole repository, if none."
    ),
    *,
    format_: Format = typer.Option(Format.HUMAN, "--format", help="For people, or for another program."),
    staged: bool = typer.Option(False, "--staged", help="Only what the next commit would bring in."),
    diff: str = typer.Option(
        None, "--diff", metavar="REV", help="Only what was not there at REV; or by A..B or A...B."
    ),
    history: bool = typer.Option(False, "--history", help="All commits, each token once."),
    stdin: bool = typer.Option(False, "--stdin", help="Scan what comes in on stdin, and no file."),
    watch: bool = typer.Option(False, "--watch", help="Stay, and tell of tokens as they appear."),
    baseline: Path = typer.Option(
        None, "--baseline", metavar="FILE", help="An earlier JSON report, whose findings are known."
    ),
    cache: bool = typer.Option(True, "--cache/--no-cache", help="Take what is known of unchanged files."),
) -> None:
    """Scan files and folders, files that git ignores included where they are of a kind that holds tokens.

    Exit codes: 0 no token, 1 tokens found, 2 failed.
    """
    kinds = {
        "--staged": staged,
        "--diff": diff is not None,
        "--history": history,
        "--stdin": stdin,
        "--watch": watch,
    }
    _require_one_kind([option for option, is_chosen in kinds.items() if is_chosen])
    if watch and format_ is not Format.HUMAN:
        raise TokenwardError(
            "`--watch` prints a line for each token, and no other format; leave out `--format`."
        )
    if stdin and paths:
        raise TokenwardError("`--stdin` scans no files; leave out either the option or the paths.")
    begun = partial(_begun, baseline, format_)
    if watch:
        _watch(_existing(paths), begun, cache=cache)
    if stdin:
        report = _report_of_stdin(begun)
    elif staged or diff is not None or history:
        report = _report_of_git(paths or [], begun, diff=diff, history=history, cache=cache)
    else:
        report = _report(begun(Setting.here()), _existing(paths), cache=cache)
    _print(report, format_)
    raise typer.Exit(FOUND if report.findings else FAILED if report.summary.is_partial else 0)


def _require_one_kind(chosen: list[str]) -> None:
    if len(chosen) > 1:
        raise TokenwardError(f"`{chosen[0]}` and `{chosen[1]}` exclude each other; choose one of them.")


def _begun(baseline: Path | None, format_: Format, setting: Setting) -> Work:
    from tokenward.cli.scan_output.progress import is_watched, with_progress
    from tokenward.cli.scan_output.work import Work

    if format_ is Format.HUMAN and is_watched():
        return Work(setting, baseline, with_progress)
    return Work(setting, baseline)


def _watch(roots: list[Path], begun: Callable[[Setting], Work], *, cache: bool) -> NoReturn:
    from rich.console import Console

    from tokenward.cli.scan_output.watch import watch
    from tokenward.operations.scan.scan import walk_choice

    work = begun(Setting.here())
    choice = walk_choice(_settings_for(roots, work.setting))
    watch(roots, choice, partial(_report, work, roots, cache=cache), Console())


def _existing(paths: list[Path] | None) -> list[Path]:
    return [found.absolute() for path in paths or [Path()] for found in _meant(path)]


def _meant(path: Path) -> list[Path]:
    """Return the paths of a name; no shell expands patterns on Windows, so that is done here."""
    if os.path.lexists(path):
        return [path]
    if os.name == "nt" and (found := sorted(map(Path, glob.glob(str(path), recursive=True)))):  # noqa: PTH207
        return found
    raise TokenwardError(f"{shown(path)} is not there; name a file or folder that is.")


def _report_of_stdin(begun: Callable[[Setting], Work]) -> Report:
    from tokenward.operations.scan.file_scan import ScannedFile
    from tokenward.operations.scan.workspace_rules import RootRules

    work = begun(Setting.here())
    rules = RootRules(work.scanner, work.setting.settings, work.setting.places)
    local = rules.of(str(Path.cwd())).local
    content = sys.stdin.buffer.read()
    try:
        found = work.scanner.scan_content(content, STDIN, local)
    except TimeoutError:
        reason = "What came in on stdin took too long to search; give it in smaller parts."
    else:
        return work.report([ScannedFile(str(Path.cwd() / STDIN), len(content), *found), *rules.troubles()])
    raise TokenwardError(reason)


def _report_of_git(
    paths: list[Path], begun: Callable[[Setting], Work], *, diff: str | None, history: bool, cache: bool
) -> Report:
    from tokenward.cli.scan_output.scan_git import GitWish, report_of_git

    if diff == "":
        raise TokenwardError("`--diff` names no revision; name a commit, branch or tag.")
    named = [path.absolute() for path in paths] if history or diff is None else _existing(paths)
    return report_of_git(GitWish(named, diff or "", history, cache), begun)


def _report(work: Work, roots: list[Path], *, cache: bool) -> Report:
    from tokenward.cli.scan_output.record import recorded
    from tokenward.operations.scan.scan import find_in_folders, scan_folders
    from tokenward.sources.cache.cache import ScanCache

    places = work.setting.places
    settings = _settings_for(roots, work.setting)
    kept = ScanCache(places.scan_cache) if cache else None
    if named := _to_be_read(roots):
        results: Results = scan_folders(work.scanner, roots, settings, places, cache=kept)
    else:
        results = find_in_folders(work.scanner, roots, settings, places, kept)
    with recorded(work, roots) as watched:
        return work.report(watched(results), named=named)


def _to_be_read(roots: list[Path]) -> list[Path]:
    """Files that are named, and folders that cannot be listed."""
    return [root for root in roots if not (root.is_dir() and os.access(root, os.R_OK | os.X_OK))]


def _settings_for(roots: list[Path], setting: Setting) -> Settings:
    """The workspace's settings, of which what it excludes counts for nothing but its own files."""
    folder = Path(os.path.realpath(setting.folder))
    is_own = all(Path(os.path.realpath(root)).is_relative_to(folder) for root in roots)
    return setting.settings if is_own else replace(setting.settings, workspace_exclude=())


def _print(report: Report, format_: Format) -> None:
    if format_ is Format.HUMAN:
        from rich.console import Console

        from tokenward.cli.scan_output.table import print_report

        print_report(report, Console())
        return
    print_text(_renderer(format_)(report))


def _renderer(format_: Format) -> Callable[[Report], str]:
    from tokenward.presentation.reports import csv_report, github, gitlab, json_report, junit, sarif

    renderers: dict[Format, Callable[[Report], str]] = {
        Format.JSON: json_report.render,
        Format.SARIF: sarif.render,
        Format.GITLAB: gitlab.render,
        Format.JUNIT: junit.render,
        Format.CSV: csv_report.render,
        Format.GITHUB: github.render,
    }
    return renderers[format_]
