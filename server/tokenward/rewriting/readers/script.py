"""Script: a shell script that is the content of another literal, such as a YAML value."""

from __future__ import annotations

import re

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.shell import ShellSyntax
from tokenward.rewriting.literal import Literal

_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?=[#\r\n])[^\r\n]*")
_ESCAPED_CHARACTERS = {"\\\\", '\\"', "\\'", "\\$", "''"}
_VARIABLE = re.compile(r"\$\{\w+\}")


def quotings(look_up: str) -> tuple[str, str, str]:
    """Return a lookup in every way in which a script quotes it."""
    return look_up, f'"{look_up}"', f"'\"{look_up}\"'"


class Script:
    """A parsed script.

    Raises:
        RewriteRefused: its form hides how a shell reads it.
    """

    def __init__(self, text: str, literal: Literal) -> None:
        self._text = text
        self._start = literal.content.start
        self._cuts = _cuts(text, literal)
        starts = [literal.content.start, *(cut.end for cut in self._cuts)]
        ends = [*(cut.start for cut in self._cuts), literal.content.end]
        self._shell = ShellSyntax("".join(text[start:end] for start, end in zip(starts, ends, strict=True)))

    def quoted(self, span: Span, reference: Reference, look_up: str) -> str:
        """Return the replacement for a token at a span of the whole text.

        Raises:
            RewriteRefused: the shell looks up no variable there.
        """
        start = span.start - self._start - sum(len(cut) for cut in self._cuts if cut.end <= span.start)
        place = Span(start, start + len(span))
        literal = self._shell.literal(place, reference)
        if literal.inert:
            return str(reference)
        if _VARIABLE.fullmatch(look_up):
            self._shell.preamble([place], reference)
        written = self._shell.text[place.start : place.end]
        if written != self._text[span.start : span.end] or literal.form.read(written)[0] != written:
            raise RewriteRefused("The token is written with escapes; write it plainly, then move it.")
        plain, quoted, quoted_again = quotings(look_up)
        if not literal.filling.startswith('"'):
            return plain
        return quoted_again if literal.joint else quoted


def _cuts(text: str, literal: Literal) -> list[Span]:
    """Return the parts of a literal that do not belong to the script in it, in order."""
    content, indent = literal.content, literal.form.indent
    header = _BLOCK_HEADER.match(text, content.start, content.end) if literal.whole == content else None
    cuts = [Span(*header.span())] if header else []
    if indent:
        lines = re.compile(rf"(?<=\n){indent}").finditer(text, content.start, content.end)
        cuts += [Span(*line.span()) for line in lines]
    for escape in literal.form.cuts(text, content):
        if text[escape.start : escape.end] not in _ESCAPED_CHARACTERS:
            raise RewriteRefused(
                "The script is written with escapes; write it over several lines, then move the token."
            )
        cuts.append(Span(escape.start, escape.start + 1))
    return cuts
