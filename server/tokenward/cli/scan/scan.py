"""Finds tokens in files, folders and repositories, and prints them, without the command-line toolkit."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from tokenward.cli.scan.lines import next_command, print_lines
from tokenward.cli.scan.scan_run import Results, ScanFormat, ScanOptions, ScanRun
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.terminal import note, print_pieces, say
from tokenward.errors import StateDamaged, TokenwardError
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.report import Report
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.settings import Settings

FOUND, FAILED = 1, 2
"""Exit codes if there are tokens, and if the scan, or that of a given path, failed."""
STDIN = "stdin"
"""The file name for stdin in reports."""


def scan_and_print(options: ScanOptions) -> int:
    """Scan, print the report, and return the exit code."""
    options.require_one_kind()
    if options.staged or options.diff or options.history:
        from tokenward.cli.scan.scan_git import report_of_git

        report = report_of_git(options)
    elif options.stdin:
        report = _report_of_stdin(ScanRun(options, Invocation.here()))
    else:
        run, roots = ScanRun(options, Invocation.here()), options.roots()
        settings = _settings_for(roots, run.invocation)
        if options.watch:
            from tokenward.cli.scan.watch import watch

            watch(roots, settings, lambda: _report(run, roots, settings), sys.stdout)
        report = _report(run, roots, settings)
    _print(report, options.format)
    if options.format in (ScanFormat.HUMAN, ScanFormat.LINES) and not (options.stdin or options.history):
        command = next_command(report, [*options.paths], is_staged=options.staged)
        if command:
            say(f"Next: {command}")
    return FOUND if report.findings else FAILED if report.summary.is_partial else 0


def _report_of_stdin(run: ScanRun) -> Report:
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


def _report(run: ScanRun, roots: list[Path], settings: Settings) -> Report:
    """Return the report of a scan of folders, and record its findings; a damaged ledger does not change it."""
    from tokenward.operations.scan.scan import find_in_folders, scan_folders
    from tokenward.operations.scan.skipped import SkippedFiles
    from tokenward.operations.sightings import ScanRecorder
    from tokenward.sources.cache.cache import ScanCache

    places, skipped, recorder = run.invocation.places, SkippedFiles(), ScanRecorder(run.scanner)
    cache = ScanCache(places.scan_cache) if run.options.cache else None
    # Files, and folders that cannot be listed.
    named = [root for root in roots if not (root.is_dir() and os.access(root, os.R_OK | os.X_OK))]
    scan = scan_folders if named else find_in_folders
    results: Results = scan(run.scanner, roots, settings, places, cache=cache, skipped=skipped)
    # Not collected, because a notice about several files must not make the ledger unsure of others.
    unread = skipped.troubles(run.invocation.folder)
    report = run.report(chain(recorder.collected(results), unread), named=named)
    try:
        for remark in recorder.record(places.ledger, roots):
            note(remark)
    except StateDamaged as error:
        note(f"The findings were not recorded in the ledger: {error}")
    return report


def _settings_for(roots: list[Path], invocation: Invocation) -> Settings:
    """Return the workspace's settings; its exclusions apply only to its own files."""
    folder = Path(os.path.realpath(invocation.folder))
    is_own = all(Path(os.path.realpath(root)).is_relative_to(folder) for root in roots)
    return invocation.settings if is_own else replace(invocation.settings, workspace_exclude=())


def _print(report: Report, format_: ScanFormat) -> None:
    if format_ is ScanFormat.HUMAN and sys.stdout.isatty():
        from rich.console import Console

        from tokenward.cli.scan.table import print_report

        print_report(report, Console())
        return
    if format_ in (ScanFormat.HUMAN, ScanFormat.LINES):
        print_lines(report, sys.stdout)
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
