"""Texts and quick fixes for tokens that terminals print, and the masked transcript of a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lsprotocol import types

from tokenward.detection.rules.providers import profile_of, provider_of
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.excerpt import Excerpt
from tokenward.findings.index import DocumentFindings
from tokenward.findings.scan import file_places
from tokenward.language import listed, phrase, said
from tokenward.model import Finding, Reference, Span
from tokenward.names import COMMAND_FIND, COMMAND_FORGET, COMMAND_STORE
from tokenward.operations.terminal.output import Heading, PrintedToken
from tokenward.places import shown
from tokenward.presentation.diagnostics import (
    MOST_IN_A_FILE,
    DiagnosticOptions,
    ToRange,
    ToRelated,
    diagnostics,
)
from tokenward.presentation.hover import Occurrences, of_finding
from tokenward.presentation.markup import MarkupText, Strong
from tokenward.presentation.profile_words import key_fact
from tokenward.presentation.quick_fixes import TerminalOffer, provider_fixes, quick_fix
from tokenward.text import LineTable

_INDENT = "    "
SHOWN = phrase("was shown in a terminal.")
FIND_TITLE = phrase("Find this token in the workspace")
FORGET_TITLE = phrase("Forget this token")
CLEAR_TITLE = phrase("Clear terminal")
TOO_FAST = phrase(
    "The rest of this output was not scanned because it arrived too fast; scan its source instead."
)
TOO_SLOW = phrase(
    "The rest of this output was not scanned because that took too long; scan its source instead."
)
NOWHERE = phrase("No scanned file in the open folders contains this token.")
GONE = phrase("This output is no longer available.")
NOT_WHOLE = phrase("It is not certain where this token begins or ends; store it with `tokenward put NAME`.")
NO_FOLDER = phrase("The token cannot be stored because no folder is open; open one first.")
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Transcript:
    """A text, and the masked tokens in it."""

    text: str
    findings: tuple[Finding, ...]


def transcript(heading: Heading, printed: Sequence[PrintedToken], note: str | None) -> Transcript:
    """Return the transcript of a command, with its tokens in order, and a note if not all output was scanned."""
    lines, spans = list(_heading(heading, note)), []
    for token in printed:
        where = (
            said("Command line") if token.line is None else said("Line {line}", line=f"{token.line + 1:,}")
        )
        lines += ["", f"{where}: {token.label}"]
        spans.append(_add_excerpt(lines, token.excerpt))
    if heading.exit_code is not None:
        # At the end, so that the places of tokens stay when the command ends.
        lines += ["", said("Exit code: {value}", value=heading.exit_code)]
    text = "".join(f"{line}\n" for line in lines)
    table = LineTable(text)
    places = file_places(text, table, spans)
    findings = [
        Finding(
            rule=token.rule,
            provider=token.provider,
            label=token.label,
            start=table.point(span.start),
            end=table.point(span.end),
            fingerprint=token.fingerprint,
            whole=token.whole,
            place=place,
            claims=token.claims,
        )
        for token, span, place in zip(printed, spans, places, strict=True)
    ]
    return Transcript(text, tuple(findings))


def _heading(heading: Heading, note: str | None) -> Iterator[str]:
    yield f"$ {heading.command}" if heading.command else said("A command whose command line is unknown")
    facts = {phrase("Terminal: {value}"): heading.terminal, phrase("Folder: {value}"): heading.folder}
    yield from (said(text, value=value) for text, value in facts.items() if value)
    if note is not None:
        yield note


def _add_excerpt(lines: list[str], excerpt: Excerpt) -> Span:
    """Append the excerpt's lines and return the place of the token in the joined text."""
    length = sum(len(line) + 1 for line in lines)
    starts = []
    for line in excerpt.lines:
        lines.append(_INDENT + line)
        starts.append(length + len(_INDENT))
        length += len(lines[-1]) + 1
    start, end = excerpt.start, excerpt.end
    return Span(starts[start.line] + start.column, starts[end.line] + end.column)


def terminal_diagnostics(
    found: DocumentFindings, options: DiagnosticOptions, to_range: ToRange, to_related: ToRelated
) -> list[types.Diagnostic]:
    """Return the diagnostics of a transcript."""
    made = diagnostics(found, options, to_range, to_related, most=MOST_IN_A_FILE)
    # Notes come after the findings.
    for diagnostic, finding in zip(made, found.findings[:MOST_IN_A_FILE], strict=False):
        token = provider_of(finding.rule).token
        facts = key_fact(profile_of(finding.rule, finding.claims), options.now)
        if facts:
            diagnostic.message = said("{token} shown in a terminal: {facts}.", token=token, facts=facts)
        else:
            diagnostic.message = said("{token} shown in a terminal.", token=token)
    return made


def hover_text(finding: Finding, occurrences: Occurrences, now: float) -> MarkupText:
    """Return what a token can do, where else it is, and how to revoke it."""
    return replace(of_finding(finding, occurrences, now), title=(Strong(finding.label), f" {said(SHOWN)}"))


def terminal_actions(
    offer: TerminalOffer, uri: str, version: int, diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """Yield the quick fixes for a token; each carries enough to identify it, without its value."""
    finding = offer.finding
    here = {
        "uri": uri,
        "version": version,
        "fingerprint": finding.fingerprint,
        "line": finding.start.line,
        "column": finding.start.column,
    }
    if offer.name:
        title = said("Store this {token} in the keyring as {name}", token=offer.token, name=offer.name)
        yield quick_fix(title, COMMAND_STORE, {**here, "name": offer.name}, diagnostics, preferred=True)
    yield from provider_fixes(offer, here, diagnostics)
    yield quick_fix(FIND_TITLE, COMMAND_FIND, here, diagnostics)
    yield quick_fix(FORGET_TITLE, COMMAND_FORGET, here, diagnostics)


def stored(token: str, reference: Reference, env_file: str, *, made: bool) -> str:
    """Return that a token is in the keyring, and how to use it."""
    text = phrase("Stored the {token} in the keyring as {reference}.")
    old = phrase("The {token} is stored already, as {reference}.")
    use = said(
        "To use it, add `{name}={reference}` to {file} and run the program with `tokenward run -- COMMAND`. The "
        "terminal's scrollback still shows the token.",
        name=reference.name,
        reference=reference,
        file=shown(env_file),
    )
    return f"{said(text if made else old, token=token, reference=reference)} {use}"


def shown_outside(command: str, labels: Sequence[str]) -> str:
    """Return that a command outside the editor showed tokens with these labels."""
    return said(
        "`{command}` showed a token in a terminal: {labels}. Clear the terminal, and revoke tokens that others may "
        "have seen.",
        command=command,
        labels=listed(labels, 1),
    )


def stands_in(places: Sequence[tuple[str, int]], files: int) -> str:
    """Return where else a token is; each place is a file name and a line from 0."""
    named = [f"{shown(name)}:{line + 1}" for name, line in places[:MOST_NAMED]]
    text = said("This token is also in {places}.", places=listed(named))
    is_whole = files <= len({name for name, _ in places[:MOST_NAMED]})
    return text if is_whole else f"{text} {said('Files in all: {count}.', count=f'{files:,}')}"


def too_large(limit: int) -> str:
    """Return why the rest of an output was not scanned."""
    return said(
        "The rest of this output was not scanned because more than {limit} characters arrived at "
        "once; scan its source instead.",
        limit=f"{limit:,}",
    )


def failed(reason: str) -> str:
    """Return that scanning an output failed unexpectedly."""
    return said(
        "The rest of this output was not scanned because of an unexpected {reason}; scan its source "
        "instead, and please report this.",
        reason=reason,
    )
