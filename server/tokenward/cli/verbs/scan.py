"""`tokenward scan`: find tokens in files and folders, for people and for programs."""

from __future__ import annotations

from pathlib import Path

import typer

from tokenward.cli.scan.scan import scan_and_print
from tokenward.cli.scan.scan_run import ScanFormat, ScanOptions


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
    options = ScanOptions(paths or (), format_, staged, diff, history, stdin, watch, baseline, cache)
    raise typer.Exit(scan_and_print(options))
