"""What `exec` and `shell` share: a command runs, and what it shows is scanned."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from tokenward.cli.support.exits import NOT_EXECUTABLE, NOT_STARTED, give_up
from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenwardError
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner
    from tokenward.findings.stream.stream_scan import StreamScanner
    from tokenward.operations.terminal.run_command import Command
    from tokenward.operations.terminal.shown_tokens import ShownTokens

BROKEN_OFF = 70
"""Exit code when nothing more can be passed on (EX_SOFTWARE of sysexits.h)."""
_MOST_NAMED = 10


def require_posix(verb: str) -> None:
    """Return only where the verb is there."""
    if os.name == "nt":
        give_up(NOT_STARTED, f"`tokenward {verb}` is not there on Windows yet; run the command without it.")


def watched(command: Command, *, mask: bool, at_terminal: bool) -> NoReturn:
    """Run a command, say which tokens it showed, and end with its exit code."""
    from tokenward.operations.terminal.run_command import run_at_terminal, run_through_pipes
    from tokenward.operations.terminal.scan_filters import scan_output
    from tokenward.sources.stream.child_process import NotStarted

    try:
        setting = Setting.here()
        scanner = _scanner(setting)
        tokens = _shown_tokens(setting, scanner, command, mask=mask)
    except TokenwardError as error:
        give_up(NOT_STARTED, f"{sentence(error)} {shown(command.program)} was not started.")
    filters = scan_output(lambda: _prepared(setting, scanner, mask=mask), tokens.add, is_masked=mask)
    run = run_at_terminal if at_terminal else run_through_pipes
    try:
        ended = run(command, filters)
    except NotStarted as error:
        why = error.strerror
        give_up(NOT_EXECUTABLE, f"{shown(command.program)} cannot be started ({why}); see to that.")
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        _tell(tokens, mask=mask)
        what = f"{'masked' if mask else 'passed on'} because of an unexpected {type(error).__name__}"
        give_up(BROKEN_OFF, f"The output could not be {what}, so the command was ended; report that.")
    _tell(tokens, mask=mask)
    if ended.fault:
        say(
            f"tokenward: A part of the output was not scanned because of an unexpected {ended.fault}; report that."
        )
    raise typer.Exit(ended.code)


def _scanner(setting: Setting) -> Scanner:
    from tokenward.custody.store.fingerprints import Fingerprinter, load_key
    from tokenward.detection.engine import Detector
    from tokenward.findings.scan import Scanner

    fingerprinter = Fingerprinter(load_key(setting.places.fingerprint_key))
    return Scanner(Detector(setting.places.rules_cache), fingerprinter)


def _prepared(setting: Setting, scanner: Scanner, *, mask: bool) -> Callable[[int], StreamScanner]:
    """Load the rules that hold in the workspace."""
    from tokenward.custody.terminal_records import folder_in, remove_old
    from tokenward.findings.stream.stream_scan import StreamScanner
    from tokenward.operations.scan.workspace_rules import RootRules

    scanner.detector.load()
    local = RootRules(scanner, setting.settings, setting.places).of(str(setting.folder)).local
    if mask:
        # The author of the output could have written a comment that ignores a token, too.
        local = replace(local, comments=False)
    remove_old(folder_in(setting.places.data_dir))
    # The rules stay; looking through them for garbage would take longer than a key may.
    gc.freeze()
    return lambda columns: StreamScanner(scanner.detector, local=local, columns=columns)


def _shown_tokens(setting: Setting, scanner: Scanner, command: Command, *, mask: bool) -> ShownTokens:
    from tokenward.custody.ledger.ledger import Ledger
    from tokenward.custody.terminal_records import TerminalRecord, folder_in, new_id
    from tokenward.operations.command_words import command_words
    from tokenward.operations.terminal.shown_tokens import ShownTokens

    line = command_words([os.fsdecode(argument) for argument in command.arguments])
    record = TerminalRecord(new_id(), str(absolute(Path())), line, time.time(), os.getpid())
    ledger, folder = Ledger(setting.places.ledger), folder_in(setting.places.data_dir)
    return ShownTokens(scanner, ledger, folder, record, is_masked=mask)


def _tell(tokens: ShownTokens, *, mask: bool) -> None:
    """Say what was shown, and how to go on."""
    fault = tokens.close()
    if tokens.count:
        say(f"tokenward: {_summary(tokens.count, mask=mask)}")
        for finding in tokens.findings[:_MOST_NAMED]:
            say(f"  {finding.label}, first in line {finding.line + 1} of the output")
        if tokens.count > _MOST_NAMED:
            say(f"  and {tokens.count - _MOST_NAMED} more")
    if fault:
        say(f"tokenward: {sentence(fault)}")


def _summary(count: int, *, mask: bool) -> str:
    tokens = "1 token" if count == 1 else f"{count} tokens"
    one = "it" if count == 1 else "them"
    if mask:
        return (
            f"The output held {tokens}, masked here. Look where {'it' if count == 1 else 'they'} came from:"
        )
    return (
        f"The output showed {tokens}, which whoever reads it can use. Clear the scrollback, and end {one} by"
        " `tokenward revoke -` if somebody else may have seen it:"
    )
