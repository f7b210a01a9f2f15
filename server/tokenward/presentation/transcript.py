"""The transcript of a terminal command: its tokens with the lines around them, masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokenward.fast_dataclasses import dataclass
from tokenward.findings.excerpt import Excerpt
from tokenward.findings.scan import file_places
from tokenward.language import phrase, said
from tokenward.model import Finding, Span
from tokenward.operations.terminal.output import Heading, PrintedToken
from tokenward.text import LineTable

_INDENT = "    "


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
