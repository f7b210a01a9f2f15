"""`tokenward scan`: the tokens in files and folders, for people and for programs."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from tokenward.cli.setting import Setting
from tokenward.errors import TokenwardError
from tokenward.places import Places, shown

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner
    from tokenward.operations.file_scan import ScannedFile
    from tokenward.presentation.reports.model import Report, ReportedFinding
    from tokenward.sources.candidate import Trouble

FOUND = 1
"""Exit code when there are tokens; 0 when there are none, 2 when the scan failed."""


class Format(str, Enum):
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
        None, metavar="[PATHS]...", help="Files and folders; this folder if none."
    ),
    format_: Format = typer.Option(Format.HUMAN, "--format", help="For people, or for another program."),
    watch: bool = typer.Option(False, "--watch", help="Stay, and tell of tokens as they appear."),
    stdin: bool = typer.Option(False, "--stdin", help="Scan what comes in on stdin, and no file."),
    cache: bool = typer.Option(True, "--cache/--no-cache", help="Take what is known of unchanged files."),
) -> None:
    """Scan files and folders, files that git ignores included where they are of a kind that holds tokens.

    Exit codes: 0 no token, 1 tokens found, 2 failed.
    """
    chosen = [_existing(path) for path in paths or [Path()]]
    if watch:
        _watch(chosen, cache=cache)
    report = _report_of_stdin() if stdin else _report(chosen, cache=cache)
    _print(report, format_)
    raise typer.Exit(FOUND if report.findings else 0)


def _watch(roots: list[Path], *, cache: bool) -> NoReturn:
    from rich.console import Console

    from tokenward.cli.scan_watch import watch
    from tokenward.operations.scan import walk_choice

    choice = walk_choice(Setting.here().settings)
    watch(roots, choice, partial(_report, roots, cache=cache), Console())


def _existing(path: Path) -> Path:
    if not os.path.lexists(path):
        raise TokenwardError(f"{shown(path)} is not there; name a file or folder that is.")
    return path.absolute()


def _scanner(places: Places) -> Scanner:
    from tokenward.custody.fingerprints import Fingerprinter, load_key
    from tokenward.detection.engine import Detector
    from tokenward.findings.scan import Scanner

    return Scanner(Detector(places.rules_cache), Fingerprinter(load_key(places.fingerprint_key)))


def _report_of_stdin() -> Report:
    from tokenward.detection.local import PLAIN
    from tokenward.operations.file_scan import ScannedFile

    start = time.monotonic()
    content = sys.stdin.buffer.read()
    text = content.decode("utf-8", "surrogateescape")
    findings, silenced = _scanner(Places.of_user()).scan_file(text, "stdin", PLAIN)
    scanned = ScannedFile(Path.cwd() / "stdin", len(content), findings, silenced)
    return _assembled([scanned], time.monotonic() - start)


def _report(roots: list[Path], *, cache: bool) -> Report:
    from tokenward.operations.scan import scan_folders
    from tokenward.sources.cache import ScanCache

    start = time.monotonic()
    setting = Setting.here()
    places = setting.places
    scanner = _scanner(places)
    kept = ScanCache(places.scan_cache) if cache else None
    results = list(scan_folders(scanner, roots, setting.settings, places, cache=kept))
    return _assembled(results, time.monotonic() - start)


def _assembled(results: Iterable[ScannedFile | Trouble], seconds: float) -> Report:
    from tokenward.operations.file_scan import ScannedFile
    from tokenward.presentation.reports.model import Report, Silenced, Summary

    files = [result for result in results if isinstance(result, ScannedFile)]
    findings = tuple(found for file in files for found in _reported(file))
    silenced = Counter(one.by.partition(":")[0] for file in files for one in file.silenced)
    summary = Summary(
        files=len(files),
        bytes=sum(file.size for file in files),
        seconds=seconds,
        findings=len(findings),
        silenced=tuple(Silenced(source, count) for source, count in sorted(silenced.items())),
        left_out=tuple(result.sentence for result in results if not isinstance(result, ScannedFile)),
    )
    return Report(findings, summary)


def _reported(file: ScannedFile) -> Iterable[ReportedFinding]:
    from tokenward.presentation.reports.model import Position, ReportedFinding

    path = _relative(file.path)
    for finding in file.findings:
        place = finding.place
        assert place is not None  # noqa: S101 - a scan of files gives each its place
        yield ReportedFinding(
            path=path,
            start_offset=place.start,
            end_offset=place.end,
            start=Position(finding.start.line, place.start_character),
            end=Position(finding.end.line, place.end_character),
            rule=finding.rule,
            provider=finding.provider,
            severity="warning",
            fingerprint=finding.fingerprint,
            label=finding.label,
        )


def _relative(path: Path) -> str:
    """A path as reports have it: relative to the current folder where it lies in it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _print(report: Report, format_: Format) -> None:
    if format_ is Format.HUMAN:
        from rich.console import Console

        from tokenward.cli.scan_table import print_report

        print_report(report, Console())
        return
    sys.stdout.write(_renderer(format_)(report) + "\n")


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
