"""quoted_in_script: what a shell looks up, quoted as its place in a script within another literal needs it."""

from __future__ import annotations

import re

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.literal import Literal
from tokenward.rewriting.shell_syntax import ShellSyntax

_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?=[#\r\n])[^\r\n]*")
_ESCAPED_CHARACTERS = {"\\\\", '\\"', "''"}


def quotings(look_up: str) -> tuple[str, ...]:
    """Return a look-up in every way in which `quoted_in_script` quotes it."""
    return (look_up, f'"{look_up}"', f"'\"{look_up}\"'")


def quoted_in_script(text: str, literal: Literal, span: Span, reference: Reference, look_up: str) -> str:
    """Return what takes the place of a token at a span in a script that is the content of a literal.

    Raises:
        RewriteRefused: the shell looks up no variable there.
    """
    cuts = _cuts(text, literal)
    script = _without(text, literal.content, cuts)
    start = span.start - literal.content.start - sum(len(cut) for cut in cuts if cut.end <= span.start)
    place = Span(start, start + len(span))
    if script[place.start : place.end] != text[span.start : span.end]:
        raise RewriteRefused("The token is written with escapes; write it plainly, then move it.")
    shell = ShellSyntax(script)
    inner = shell.literal(place, reference)
    if inner.inert:
        return str(reference)
    shell.preamble([place], reference)
    if inner.form.read(script[place.start : place.end])[0] != script[place.start : place.end]:
        raise RewriteRefused("The token is written with escapes; write it plainly, then move it.")
    plain, quoted, requoted = quotings(look_up)
    if not inner.filling.startswith('"'):
        return plain
    return requoted if inner.joint else quoted


def _cuts(text: str, literal: Literal) -> list[Span]:
    """Return the parts of a literal that are none of the script in it, in order."""
    content, indent = literal.content, literal.form.indent
    header = _BLOCK_HEADER.match(text, content.start, content.end) if literal.whole == content else None
    cuts = [Span(*header.span())] if header else []
    if indent:
        starts = re.finditer(rf"(?<=\n){indent}", text[: content.end])
        cuts += [Span(*start.span()) for start in starts if start.start() >= content.start]
    for escape in literal.form.cuts(text, content):
        if text[escape.start : escape.end] not in _ESCAPED_CHARACTERS:
            raise RewriteRefused(
                "The script is written with escapes; write it over several lines, then move the token."
            )
        cuts.append(Span(escape.start, escape.start + 1))
    return cuts


def _without(text: str, content: Span, cuts: list[Span]) -> str:
    starts = [content.start, *(cut.end for cut in cuts)]
    ends = [*(cut.start for cut in cuts), content.end]
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))
