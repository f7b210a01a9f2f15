"""HeadersHelper: the command that Claude Code runs for headers of a server, beside those that it replaces."""

from __future__ import annotations

import re

from tokenward.model import Reference, Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.text import line_span, newline_of

_COMMAND = "tokenward credential headers"
# Claude Code gives the command to a shell, and the ledger keeps it, so nothing but these may be beside the token.
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
_SCHEME = re.compile(r"(?:(?:api-?key|basic|bearer|bot|key|token) )?", re.IGNORECASE)
_ARGUMENT = r'\\"[A-Za-z0-9-]+: [A-Za-z-]* ?keyring://[\w./-]+\\"'
_OURS = re.compile(rf'"{_COMMAND}((?: {_ARGUMENT})+)"')
_KEY = re.compile(r'"headers"\s*:\s*\Z')
_LONGEST = 200
"""Characters before a mapping that may belong to its key."""


class HeadersHelper:
    """The command is beside the headers; Claude Code takes its answer for a header of the same name.

    The reference stays in the header too, so that each token can move, and be put back, without the others.
    """

    def __str__(self) -> str:
        return rf'REFERENCE, and "headersHelper": "{_COMMAND} \"…: …REFERENCE\""'

    def fits(self, parsed: ParsedText, span: Span) -> bool:
        """Return whether the command can answer for the header of a token."""
        return bool(self.changes(parsed, span, Reference("any", "NAME")))

    def zone(self, parsed: ParsedText, span: Span) -> Span:
        """Return the span of the header's text."""
        return parsed.literal(span, Reference("any", "NAME")).zone

    def changes(self, parsed: ParsedText, span: Span, reference: Reference) -> list[Replacement]:
        """Return the insertion that makes the command answer; none if it cannot."""
        text, server, value = parsed.text, parsed.beside(span, 2), parsed.whole_value(span)
        name, scheme, headers = parsed.keys(span)[-1], text[value.start : span.start], server["headers"]
        token = text[span.start : span.end]
        is_plain = value.end == span.end and _SCHEME.fullmatch(scheme) and _NAME.fullmatch(name)
        # A look-up there is one of another way, and a command answers for each header once.
        if not is_plain or token.startswith("${") or text.count(token, headers.start, headers.end) > 1:
            return []
        argument = rf"\"{name}: {scheme}{reference}\""
        if "headersHelper" in server:
            helper = server["headersHelper"]
            written = text[helper.start : helper.end]
            if not _OURS.fullmatch(written) or rf"\"{name}: ".lower() in written.lower():
                return []
            return [Replacement(Span(helper.end - 1, helper.end - 1), f" {argument}")]
        key = _KEY.search(text, max(0, headers.start - _LONGEST), headers.start)
        return (
            [Replacement(Span(key.start(), key.start()), _entry(text, key.start(), argument))] if key else []
        )

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


def _entry(text: str, place: int, argument: str) -> str:
    """Return the entry with the command, written before another key as that one is."""
    indent = text[line_span(text, Span(place, place)).start : place]
    between = " " if indent.strip() else f"{newline_of(text)}{indent}"
    return f'"headersHelper": "{_COMMAND} {argument}",{between}'
