"""`tokenward watch`: report tokens as they appear in log files."""

from __future__ import annotations

import json
import math
import time
from contextlib import closing
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.options import FORMAT, OutputFormat
from tokenward.cli.support.terminal import note, print_text, say
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.errors import TokenwardError
from tokenward.language import counted
from tokenward.operations.logs.log_scan import LogScan, LogToken
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import shown
from tokenward.presentation.reports.spelling import spelled, without_commands
from tokenward.sources.candidate import Trouble
from tokenward.sources.logs.follow import Follower

FOUND = 1
"""Exit code if it ends by itself after a token appeared."""
POLL_SECONDS = 0.3


def watch(
    files: list[str] = typer.Argument(
        ...,
        metavar="FILE...",
        help="Log files, which need not exist yet, or patterns such as 'logs/**/*.log'.",
    ),
    *,
    from_start: bool = typer.Option(False, "--from-start", help="Scan the existing content first."),
    format_: OutputFormat = FORMAT,
    until_idle: float = typer.Option(
        None,
        "--until-idle",
        metavar="SECONDS",
        min=0,
        help="Stop after this many seconds without new output.",
    ),
) -> None:
    """Follow log files and report tokens as they appear.

    Each token is reported once per file. Files are followed through rotation, truncation and deletion until Ctrl-C.
    Exit codes: 130 after Ctrl-C; with --until-idle, 0 without tokens and 1 with tokens.
    """
    for file in files:
        if Path(file).is_dir():
            raise TokenwardError(f"{shown(file)} is a folder; name the files in it, or use a pattern.")
    invocation = Invocation.here()
    # Follow the files before the rules are loaded, so that nothing is missed meanwhile.
    with closing(Follower(files, from_start=from_start)) as follower:
        scanner = invocation.scanner()
        scanner.detector.load()
        rules = RootRules(scanner, invocation.settings, invocation.places)
        printer = _Printer(format_)
        logs = LogScan(scanner, rules, printer.print, note)
        missing = f"; {counted(len(follower.absent), 'file')} not there yet" if follower.absent else ""
        say(f"tokenward: watching {counted(follower.files, 'file')}{missing}")
        _follow(follower, logs, until_idle)
    raise typer.Exit(FOUND if printer.tokens else 0)


def _follow(follower: Follower, logs: LogScan, until_idle: float | None) -> None:
    """Report tokens until nothing arrives for some seconds, or forever."""
    last = time.monotonic()
    while until_idle is None or time.monotonic() - last < until_idle:
        for news in follower.poll():
            if isinstance(news, Trouble):
                note(news.sentence)
            else:
                logs.feed(news)
                last = time.monotonic()
        if not follower.is_behind:
            logs.scan_pending(time.monotonic())
            time.sleep(POLL_SECONDS if until_idle is None else min(POLL_SECONDS, until_idle))
    logs.scan_pending(time.monotonic())
    logs.scan_pending(math.inf)


class _Printer:
    """Prints tokens and counts them."""

    def __init__(self, format_: OutputFormat) -> None:
        self.tokens = 0
        self._format = format_

    def print(self, path: str, token: LogToken) -> None:
        """Print a token on one line, in the chosen format."""
        self.tokens += 1
        found = token.finding
        if self._format is OutputFormat.HUMAN:
            place = f"{path}:{token.line}" if token.line is not None else path
            print_text(f"{spelled(place)}: {spelled(found.label)}, {spelled(short_rule(found.rule))}")
            return
        fields = {
            "path": path,
            "line": token.line,
            "label": found.label,
            "rule": found.rule,
            "provider": found.provider,
            "fingerprint": found.fingerprint,
        }
        print_text(without_commands(json.dumps(fields)))
