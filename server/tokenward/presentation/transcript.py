"""The text that tells of the tokens which a command in a terminal printed, and where in it each stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tokenward.findings.excerpt import Excerpt
from tokenward.findings.scan import file_places
from tokenward.model import Finding, Span
from tokenward.operations.terminal.output import Heading, PrintedToken
from tokenward.text import LineTable

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Transcript:
    """A text and the tokens in it, which are masked there."""

    text: str
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Page:
    """A text that is being written."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0

    def write(self, line: str) -> None:
        self.pieces.append(f"{line}\n")
        self.length += len(line) + 1


def transcript(heading: Heading, printed: Sequence[PrintedToken], note: str | None) -> Transcript:
    """The text for the tokens of one command, in the order in which they were found.

    Args:
        heading: what was run.
        printed: the tokens.
        note: why the rest of the output was not looked at; None when it was.
    """
    page, spans = _Page(), []
    for line in _heading(heading, note):
        page.write(line)
    for token in printed:
        page.write("")
        page.write(_where(token))
        spans.append(_write_excerpt(page, token.excerpt))
    text = "".join(page.pieces)
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
    yield f"$ {heading.command}" if heading.command else "A command whose line is not known"
    terminal = f"in the terminal {heading.terminal}" if heading.terminal else "in a terminal"
    folder = f", in {heading.folder}" if heading.folder else ""
    ended = f"; it ended with exit code {heading.exit_code}" if heading.exit_code is not None else ""
    yield f"Run {terminal}{folder}{ended}."
    if note is not None:
        yield note


def _where(token: PrintedToken) -> str:
    return (
        f"Line {token.line + 1:,}: {token.label}"
        if token.line is not None
        else f"Command line: {token.label}"
    )


def _write_excerpt(page: _Page, excerpt: Excerpt) -> Span:
    """Write the lines; where the token then stands in the text."""
    starts = []
    for line in excerpt.lines:
        starts.append(page.length + len(_INDENT))
        page.write(_INDENT + line)
    start, end = excerpt.start, excerpt.end
    return Span(starts[start.line] + start.column, starts[end.line] + end.column)
