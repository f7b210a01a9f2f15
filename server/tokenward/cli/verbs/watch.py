"""`tokenward watch`: tell of the tokens that come in log files."""

from __future__ import annotations

import json
import math
import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.terminal import print_text, say
from tokenward.errors import TokenwardError
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.logs.scan import LogScan, LogToken
    from tokenward.sources.logs.follow import Follower

FOUND = 1
"""Exit code when it ends by itself and there was a token; else it is 0."""
POLL_SECONDS = 0.3


class Format(StrEnum):
    """What is printed for each token: a line for people, or a JSON object on a line."""

    HUMAN = "human"
    JSON = "json"


def register(app: typer.Typer) -> None:
    app.command()(watch)


def watch(
    files: list[str] = typer.Argument(
        ...,
        metavar="FILE...",
        help="Log files, also such that are not there yet; or patterns such as 'logs/**/*.log'.",
    ),
    *,
    from_start: bool = typer.Option(
        False, "--from-start", help="Begin with what stands in the files already."
    ),
    format_: Format = typer.Option(Format.HUMAN, "--format", help="For people, or for another program."),
    until_idle: float = typer.Option(
        None, "--until-idle", metavar="SECONDS", min=0, help="End when nothing has come for so long."
    ),
) -> None:
    """Follow log files and tell of the tokens in them.

    Each is told once a file. Files are followed through rotation, truncation and deletion, until Ctrl-C, whose exit
    code is 130. With --until-idle it ends by itself: with 0, or with 1 if there were tokens.
    """
    from tokenward.cli.scan_output.work import Work
    from tokenward.operations.logs.scan import LogScan
    from tokenward.operations.scan.workspace_rules import RootRules
    from tokenward.sources.logs.follow import Follower

    for file in files:
        if Path(file).is_dir():
            raise TokenwardError(f"{shown(file)} is a folder; name the files in it, by a pattern say.")
    setting = Setting.here()
    # Before the rules are loaded, so that nothing which comes meanwhile is missed.
    with closing(Follower(files, from_start=from_start)) as follower:
        scanner = Work(setting).scanner
        scanner.detector.load()
        rules = RootRules(scanner, setting.settings, setting.places)
        printer = _Printer(format_)
        logs = LogScan(scanner, rules, printer.tell, lambda sentence: say(f"tokenward: {sentence}"))
        say(_watching(follower))
        _follow(follower, logs, until_idle)
    raise typer.Exit(FOUND if printer.tokens else 0)


def _follow(follower: Follower, logs: LogScan, until_idle: float | None) -> None:
    """Tell of tokens until nothing has come for so many seconds, or for ever."""
    from tokenward.sources.candidate import Trouble

    last = time.monotonic()
    while until_idle is None or time.monotonic() - last < until_idle:
        for news in follower.poll():
            if isinstance(news, Trouble):
                say(f"tokenward: {news.sentence}")
            else:
                logs.feed(news)
                last = time.monotonic()
        if not follower.is_behind:
            logs.scan_pending(time.monotonic())
            time.sleep(POLL_SECONDS if until_idle is None else min(POLL_SECONDS, until_idle))
    logs.scan_pending(time.monotonic())
    logs.scan_pending(math.inf)


class _Printer:
    """Prints tokens, and counts them."""

    def __init__(self, format_: Format) -> None:
        self.tokens = 0
        self._format = format_

    def tell(self, path: str, token: LogToken) -> None:
        from tokenward.presentation.reports.spelling import spelled, without_commands

        self.tokens += 1
        found = token.finding
        if self._format is Format.HUMAN:
            place = f"{path}:{token.line}" if token.line is not None else path
            print_text(f"{spelled(place)}: {spelled(found.label)}, {spelled(found.rule)}")
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


def _watching(follower: Follower) -> str:
    from tokenward.phrases import counted

    absent = follower.absent
    waits = f"; {counted(len(absent), 'file')} not there yet" if absent else ""
    return f"tokenward: watching {counted(follower.files, 'file')}{waits}"
