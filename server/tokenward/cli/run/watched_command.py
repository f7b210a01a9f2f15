"""Running a command while its output is scanned, for `exec` and `shell`."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer

from tokenward.cli.run.exits import NOT_STARTED, exit_with
from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import note, say, sentence
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.callers.asker import asking_process
from tokenward.custody.callers.callers import caller, topmost_agent
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.terminal_records import TerminalRecord, folder_in, new_id, remove_old
from tokenward.detection.engine import Detector
from tokenward.detection.rules.providers import public_prefixes
from tokenward.errors import NotStarted, TokenwardError
from tokenward.findings.known_values.encodings import spellings
from tokenward.findings.known_values.known_values import KnownValues
from tokenward.findings.scan import Scanner
from tokenward.findings.stream.stream_scan import StreamScanner
from tokenward.language import counted
from tokenward.masked_start import BROKEN_OFF, NOT_EXECUTABLE
from tokenward.operations.agents.known_secrets import KnownWords, hide_disguised, needles, open_known_secrets
from tokenward.operations.agents.new_tokens import NewTokens
from tokenward.operations.agents.part_matches import WITHHELD, PartMatches
from tokenward.operations.command_words import command_words
from tokenward.operations.ignore.allowed_tokens import allowed_tokens
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.operations.terminal.command import Command
from tokenward.operations.terminal.output_filter import FilterFactory, chained, change_text
from tokenward.operations.terminal.run_command import run_filtered
from tokenward.operations.terminal.scan_filters import scan_output
from tokenward.operations.terminal.shown_tokens import ShownTokens
from tokenward.places import shown

_MOST_NAMED = 10


@dataclass(frozen=True)
class Watching:
    """The watching of a command's output.

    Attributes:
        filters: show the output, and find the tokens in it.
    """

    filters: FilterFactory
    _tokens: ShownTokens
    _mask: bool

    @classmethod
    def of(
        cls, invocation: Invocation, words: Sequence[str], *, mask: bool, detector: Detector | None = None
    ) -> Watching:
        """Return what watches a command in the current folder, for the process that asks.

        Raises:
            TokenwardError: the records cannot be read.
        """
        scanner = invocation.scanner(detector)
        tokens = _shown_tokens(invocation, scanner, words, mask=mask)
        agent = caller(asking_process()).possible_agent if mask else ""
        known = _known_values(invocation, scanner, agent) if agent else None
        if agent:
            # The agent could have written the repository's ignore entries.
            invocation = replace(
                invocation, settings=replace(invocation.settings, allow_repository_ignores=False)
            )
        filters = scan_output(lambda: _load_rules(invocation, scanner, mask=mask), tokens.add, is_masked=mask)
        return cls(chained(known, filters) if known else filters, tokens, mask)

    def report(self, fault: str | None = None) -> None:
        """Print which tokens were shown, what to do next, and the type of an exception that ended scanning."""
        _report(self._tokens, mask=self._mask)
        if fault:
            note(f"Part of the output was not scanned because of an unexpected {fault}; please report this.")


def run_watched(command: Command, *, mask: bool) -> NoReturn:
    """Run a command, report the tokens in its output, and exit with its exit code."""
    try:
        words = [os.fsdecode(argument) for argument in command.arguments]
        watching = Watching.of(Invocation.here(), words, mask=mask)
    except TokenwardError as error:
        exit_with(NOT_STARTED, f"{sentence(error)} {shown(command.program)} was not started.")
    try:
        ended = run_filtered(command, watching.filters)
    except NotStarted as error:
        exit_with(
            NOT_EXECUTABLE,
            f"{shown(command.program)} cannot be started ({error.strerror}); check its permissions.",
        )
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        watching.report()
        what = f"{'masked' if mask else 'passed on'} because of an unexpected {type(error).__name__}"
        exit_with(
            BROKEN_OFF, f"The output could not be {what}, so the command was ended; please report this."
        )
    watching.report(ended.fault)
    raise typer.Exit(ended.code)


def _known_values(invocation: Invocation, scanner: Scanner, agent: str) -> FilterFactory:
    """Return filters that mask all values that an agent must not see, and hide them in other forms.

    Raises:
        StateDamaged: the records cannot be read.
    """
    places, prefixes = invocation.places, public_prefixes()
    secrets = open_known_secrets(places, invocation.settings, invocation.folder, scanner.detector)
    known = KnownValues(spellings(secrets.secrets(), prefixes))
    entries = Entries(places.custody).all() if places.custody.exists() else ()
    stored = {one.fingerprint: one.reference for one in entries}
    words = KnownWords(scanner.fingerprint, secrets.unread(stored), prefixes)
    values = needles(secrets.values(), prefixes)
    parts = PartMatches(places, topmost_agent(asking_process()), invocation.folder)
    new = NewTokens(invocation.context, invocation.folder, agent)
    stores = invocation.settings.agents_store

    def is_token(text: str) -> bool:
        return bool(scanner.detector.detect_all(text, "").found or words.found(text))

    def count(value: str) -> None:
        # A repository chooses the values in its own files, and must not withhold a person's agent by them.
        if (fingerprint := scanner.fingerprint(value)) in stored:
            parts.add(fingerprint)

    def changed(text: str) -> str:
        text = words.masked(known.mask(text))
        text = hide_disguised(text, values, is_token, count)
        if parts.is_withheld:
            return f"{WITHHELD}\n" if text else ""
        return new.replaced(text, scanner.detector.detect_all(text, "").found) if stores else text

    return change_text(changed)


def _load_rules(invocation: Invocation, scanner: Scanner, *, mask: bool) -> Callable[[int], StreamScanner]:
    """Load the workspace's rules and return a factory of scanners for a terminal width."""
    scanner.detector.load()
    local = RootRules(scanner, invocation.settings, invocation.places).of(str(invocation.folder)).local
    if mask:
        # The author of the output could have written an ignore comment too.
        allowed = allowed_tokens(invocation.places, scanner.fingerprint)
        local = replace(local, comments=False, ignore_sources=(*local.ignore_sources, allowed))
    remove_old(folder_in(invocation.places.data_dir))
    # The rules stay; a garbage collection over them would take longer than a keystroke may.
    gc.freeze()
    return lambda columns: StreamScanner(scanner.detector, local=local, columns=columns)


def _shown_tokens(
    invocation: Invocation, scanner: Scanner, words: Sequence[str], *, mask: bool
) -> ShownTokens:
    line, process = command_words(list(words)), asking_process()
    record = TerminalRecord(new_id(), str(absolute(Path())), line, time.time(), process)
    ledger, folder = Ledger(invocation.places.ledger), folder_in(invocation.places.data_dir)
    return ShownTokens(scanner, ledger, folder, record, is_masked=mask)


def _report(tokens: ShownTokens, *, mask: bool) -> None:
    """Print which tokens were shown, and what to do next."""
    fault = tokens.close()
    if tokens.count:
        it, comes = ("it", "comes") if tokens.count == 1 else ("them", "come")
        if mask:
            they = "it" if tokens.count == 1 else "they"
            say(
                f"tokenward: The output contained {counted(tokens.count, 'token')}, masked here. Check where {they} "
                f"{comes} from:"
            )
        else:
            say(
                f"tokenward: The output showed {counted(tokens.count, 'token')}. Clear the scrollback, and revoke {it} "
                "with `tokenward revoke -` if anybody else may have seen the output:"
            )
        for finding in tokens.findings[:_MOST_NAMED]:
            say(f"  {finding.label}, first in line {finding.line + 1} of the output")
        if tokens.count > _MOST_NAMED:
            say(f"  and {tokens.count - _MOST_NAMED} more")
    if fault:
        note(fault)
