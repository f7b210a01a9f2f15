"""Fish: `$NAME` replaces a word, a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import UnitSyntax
from tokenward.rewriting.literal import COMMENT, Joint, Leaf, Literal, Quoted, comment, refuse
from tokenward.rewriting.spelling import Form

_FORMS = {
    "double": Form(re.compile(r"\\[\\\"$\n]|\$|\("), line_breaks=True, keeps_returns=True),
    "single": Form(re.compile(r"\\[\\']"), "bare-single", line_breaks=True, keeps_returns=True),
}
_WORD = Form(plain=re.compile(r"[A-Za-z0-9_./+=:@%-]+"))
_GOES_ON = re.compile(r"[\w\[]")
_IN_NAME = re.compile(r"(?<!\\)(?:\\\\)*\$\w*\Z")
_LONGEST_NAME = 256


class FishSyntax(UnitSyntax):
    """A fish script."""

    units = re.compile(
        r"(?P<escape>\\.)|(?P<double>\"(?:\\.|[^\"\\])*\")|(?P<single>'(?:\\.|[^'\\])*')"
        r"|(?P<comment>(?:(?<=[\s;(])|(?<![\s\S]))#[^\r\n]*)",
        re.DOTALL,
    )
    # With the option `-q`, the command only asks.
    setting = re.compile(
        r"(?<![\w-])set(?!(?:[ \t]+-[^\s=]+)*[ \t]+-[-\w]*q)(?:[ \t]+-[^\s=]+)*[ \t]+"
        r"(?P<name>[A-Za-z_]\w*)(?:[ \t]+(?P<value>[^\r\n;]*))?"
    )

    def literal(self, span: Span, reference: Reference) -> Literal:
        piece = self._piece(span)
        in_name = _IN_NAME.search(self.text, max(0, span.start - _LONGEST_NAME), span.start)
        if in_name and (piece is None or piece.kind == "double"):
            raise refuse("the name of a variable")
        if piece is None:
            self.line(span)
            return Literal(span, span, span, _WORD, f'"${reference.name}"', None, in_environment=True)
        if piece.kind == COMMENT:
            return comment(piece.span, reference)
        if piece.kind not in _FORMS or not piece.span.contains(span):
            raise refuse("a word with escapes")
        whole, content = piece.span, Span(piece.span.start + 1, piece.span.end - 1)
        if "$(" in self.text[content.start : span.start] and piece.kind == "double":
            raise refuse("a command inside a string")
        touches = re.match(r"[\w$]", self.text[max(0, whole.start - 1) : whole.start]) or _GOES_ON.match(
            self.text, whole.end
        )
        filling = f'"${reference.name}"' if touches else f"${reference.name}"
        return Literal(whole, whole, content, _FORMS[piece.kind], filling, Joint(), in_environment=True)

    def lookups(self, name: str) -> Iterator[Span]:
        quoted = f'"${name}"'
        strings = (piece.span for piece in self.leaves() if self.text.startswith(quoted, piece.span.start))
        bare = (
            Span(*found.span()) for found in re.finditer(rf"(?<!\$)\${re.escape(name)}(?![\w\[])", self.text)
        )
        yield from strings
        yield from (span for span in bare if self._piece(span) is None)

    def quoted(self, span: Span, value: str) -> list[Quoted]:  # noqa: ARG002
        written = [
            (quote, spelling)
            for quote, form in zip("\"'", _FORMS.values(), strict=True)
            for spelling in form.spellings(self.text)
        ]
        return [Quoted(quote, spelling.written(value), quote) for quote, spelling in written]

    def _piece(self, span: Span) -> Leaf | None:
        """Return the last piece that overlaps a span."""
        piece = self._leaf_from(span.end - 1)
        return piece if piece and piece.span.overlaps(span) else None
