"""The commands that Claude Code runs for headers of a server, and for its own key."""

from __future__ import annotations

import re

from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.rewriting.readers.helper_command import Helper
from tokenward.text import line_span, newline_of

_HEADERS = "tokenward credential headers"
_KEY = "tokenward credential key"
# Claude Code gives the command to a shell, and the ledger keeps it, so nothing but these may be beside the token.
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
_SCHEME = re.compile(r"(?:(?:api-?key|basic|bearer|bot|key|token) )?", re.IGNORECASE)
_ARGUMENT = r'\\"[A-Za-z0-9-]+: [A-Za-z-]* ?keyring://[\w./-]+\\"'
_OURS = re.compile(rf'"{_HEADERS}((?: {_ARGUMENT})+)"')
_HEADERS_KEY = re.compile(r'"headers"\s*:\s*\Z')
_LONGEST = 200
"""Characters before a mapping that may belong to its key."""
_DISABLED = "//"
"""Nobody reads a key of JSON that begins so."""


class HeadersHelper(Helper):
    """The command is beside the headers; Claude Code takes its answer for a header of the same name.

    The reference stays in the header too, so that each token can move, and be put back, without the others.
    """

    def __str__(self) -> str:
        return rf'REFERENCE, and "headersHelper": "{_HEADERS} \"…: …REFERENCE\""'

    def zone(self, parsed: ParsedText, span: Span) -> Span:
        """Return the span of the header's text."""
        return parsed.literal(span, Reference("any", "NAME")).zone

    def changes(self, parsed: ParsedText, span: Span, reference: Reference) -> list[Replacement]:
        text, server, value = parsed.text, parsed.beside(span, 2), parsed.whole_value(span)
        name, scheme, headers = parsed.keys(span)[-1], text[value.start : span.start], server["headers"]
        token = text[span.start : span.end]
        is_plain = value.end == span.end and _SCHEME.fullmatch(scheme) and _NAME.fullmatch(name)
        # A lookup there is one of another way, and a command answers for each header once.
        if not is_plain or token.startswith("${") or text.count(token, headers.start, headers.end) > 1:
            return []
        argument = rf"\"{name}: {scheme}{reference}\""
        if "headersHelper" in server:
            helper = server["headersHelper"]
            written = text[helper.start : helper.end]
            if not _OURS.fullmatch(written) or rf"\"{name}: ".lower() in written.lower():
                return []
            return [Replacement(Span(helper.end - 1, helper.end - 1), f" {argument}")]
        key = _HEADERS_KEY.search(text, max(0, headers.start - _LONGEST), headers.start)
        return [_entry(text, key.start(), f'"headersHelper": "{_HEADERS} {argument}"')] if key else []

    def taken_back(self, parsed: ParsedText, span: Span) -> list[Edit]:
        """Return the edit that ends the command's answer for a reference in a header."""
        *_, above, name = ("", "", *parsed.keys(span))
        helper = parsed.beside(span, 2).get("headersHelper") if above == "headers" else None
        ours = helper and _OURS.fullmatch(parsed.text, helper.start, helper.end)
        if not ours:
            return []
        reference = re.escape(parsed.text[span.start : span.end])
        argument = re.compile(rf'\\"{re.escape(name)}: [A-Za-z-]* ?{reference}\\"')
        found = argument.search(parsed.text, *ours.span(1))
        if found is None:
            return []
        if (found.start() - 1, found.end()) != ours.span(1):
            is_last = found.end() == ours.end(1)
            return [Edit(Span(found.start() - is_last, found.end() + (not is_last)), "")]
        entry = re.compile(r'"headersHelper"\s*:\s*\Z').search(parsed.text, 0, ours.start())
        after = re.compile(r",\s*").match(parsed.text, ours.end())
        return [Edit(Span(entry.start(), after.end()), "")] if entry and after else []


class KeyHelper(Helper):
    """The command is beside `env`, where the variable is renamed, because Claude Code would prefer it."""

    def __str__(self) -> str:
        return f'"apiKeyHelper": "{_KEY} REFERENCE"'

    def zone(self, parsed: ParsedText, span: Span) -> Span:
        """Return the span of the variable with its name."""
        zone = parsed.literal(span, Reference("any", "NAME")).zone
        return Span(parsed.text.rfind(f'"{parsed.keys(span)[-1]}"', 0, zone.start), zone.end)

    def changes(self, parsed: ParsedText, span: Span, reference: Reference) -> list[Replacement]:
        text, name = parsed.text, parsed.keys(span)[-1]
        variable = re.compile(rf'"(?={re.escape(name)}"\s*:\s*"\Z)').search(text, 0, span.start)
        above = variable and re.compile(r'"env"\s*:\s*\{[^{}]*\Z').search(text, 0, variable.start())
        if not (variable and above) or name.startswith(_DISABLED) or "apiKeyHelper" in parsed.beside(span, 2):
            return []
        return [
            _entry(text, above.start(), f'"apiKeyHelper": "{_KEY} {reference}"'),
            Replacement(Span(variable.end(), variable.end()), _DISABLED),
        ]

    def taken_back(self, parsed: ParsedText, span: Span) -> list[Edit]:
        """Return the edits that end the command's answer for a reference, and give the variable its name again."""
        text, key = parsed.text, (*parsed.keys(span), "")[0] == "env" and parsed.keys(span)[-1]
        reference = re.escape(text[span.start : span.end])
        entry = re.compile(rf'"apiKeyHelper": "{_KEY} {reference}",\s*').search(text)
        if not key or not key.startswith(_DISABLED) or entry is None:
            return []
        start = text.rfind(f'"{key}"', 0, span.start) + 1
        return [Edit(Span(*entry.span()), ""), Edit(Span(start, start + len(_DISABLED)), "")]


def _entry(text: str, place: int, entry: str) -> Replacement:
    """Return the insertion of an entry before another one, written as that one is."""
    indent = text[line_span(text, Span(place, place)).start : place]
    between = " " if indent.strip() else f"{newline_of(text)}{indent}"
    return Replacement(Span(place, place), f"{entry},{between}")
