"""KeyHelper: the command that Claude Code runs for its own key, instead of a variable."""

from __future__ import annotations

import re

from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.text import line_span, newline_of

_COMMAND = "tokenward credential key"
_DISABLED = "//"
"""Nobody reads a key of JSON that begins so."""


class KeyHelper:
    """The command is beside `env`, where the variable is renamed, because Claude Code would prefer it."""

    def __str__(self) -> str:
        return f'"apiKeyHelper": "{_COMMAND} REFERENCE"'

    def fits(self, parsed: ParsedText, span: Span) -> bool:
        """Return whether the command can answer for the variable."""
        return bool(self.changes(parsed, span, Reference("any", "NAME")))

    def zone(self, parsed: ParsedText, span: Span) -> Span:
        """Return the span of the variable with its name."""
        zone = parsed.literal(span, Reference("any", "NAME")).zone
        return Span(parsed.text.rfind(f'"{parsed.keys(span)[-1]}"', 0, zone.start), zone.end)

    def changes(self, parsed: ParsedText, span: Span, reference: Reference) -> list[Replacement]:
        """Return the insertions that make the command answer; none if another one does."""
        text, name = parsed.text, parsed.keys(span)[-1]
        variable = re.compile(rf'"(?={re.escape(name)}"\s*:\s*"\Z)').search(text, 0, span.start)
        above = variable and re.compile(r'"env"\s*:\s*\{[^{}]*\Z').search(text, 0, variable.start())
        if not (variable and above) or name.startswith(_DISABLED) or "apiKeyHelper" in parsed.beside(span, 2):
            return []
        indent = text[line_span(text, Span(above.start(), above.start())).start : above.start()]
        between = " " if indent.strip() else f"{newline_of(text)}{indent}"
        entry = f'"apiKeyHelper": "{_COMMAND} {reference}",{between}'
        return [
            Replacement(Span(above.start(), above.start()), entry),
            Replacement(Span(variable.end(), variable.end()), _DISABLED),
        ]

    def taken_back(self, parsed: ParsedText, span: Span) -> list[Edit]:
        """Return the edits that end the command's answer for a reference, and give the variable its name again."""
        text, key = parsed.text, (*parsed.keys(span), "")[0] == "env" and parsed.keys(span)[-1]
        reference = re.escape(text[span.start : span.end])
        entry = re.compile(rf'"apiKeyHelper": "{_COMMAND} {reference}",\s*').search(text)
        if not key or not key.startswith(_DISABLED) or entry is None:
            return []
        start = text.rfind(f'"{key}"', 0, span.start) + 1
        return [Edit(Span(*entry.span()), ""), Edit(Span(start, start + len(_DISABLED)), "")]
