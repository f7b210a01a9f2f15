"""A Jenkinsfile: the assignments of `environment` blocks, and the scripts of `sh` steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import LineSyntax, refuse_clash
from tokenward.rewriting.literal import Literal, ParsedText, Replacement, refuse
from tokenward.rewriting.spelling import Form
from tokenward.text import newline_of

SCRIPT = "sh"
"""The key of a step's script."""
_UNIT = re.compile(
    r"//[^\r\n]*|/\*(?:.*?)(?:\*/|\Z)|(?P<triple>'''|\"\"\")(?:\\.|.)*?(?:(?P=triple)|\Z)"
    r"|'(?:\\.|[^'\\\r\n])*'|\"(?:\\.|[^\"\\\r\n])*\"|[{}]",
    re.DOTALL,
)
_NAMED = re.compile(r"([A-Za-z_]\w*)\s*(?:\([^(){}]{0,150}\))?\s*\Z")
_ASSIGNED = re.compile(r"(?:\A|[\n;{])[ \t]*([A-Za-z_]\w*)[ \t]*=[ \t]*\Z")
_STEP = re.compile(r"(?<![\w.])sh\s*\(?\s*(?:\w+\s*:\s*\w+\s*,\s*){0,4}(?:script\s*:\s*)?\Z")
_REACH = 200
"""Characters before a string or a block that say what it is."""
_ESCAPE = re.compile(r"\\(?:\r\n|.)", re.DOTALL)
_CODECS = {"'": "single", '"': "dollar"}


@dataclass(frozen=True, slots=True)
class _String:
    """A string, the names of the two outermost blocks around it and the innermost, and the text before it."""

    whole: Span
    blocks: tuple[str, ...]
    before: str


class JenkinsSyntax(LineSyntax):
    """A declarative pipeline."""

    comment_start = re.compile(r"\s*//")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._strings = list(_strings(text))

    def literal_in(self, line: Span, span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        string = self._string(span)
        if string is None or not self.keys(span):
            raise refuse("Groovy code")
        whole, quote = string.whole, self.text[string.whole.start]
        width = 3 if self.text.startswith(quote * 3, whole.start) else 1
        content = Span(whole.start + width, whole.end - width)
        form = Form(_ESCAPE, _CODECS[quote], line_breaks=width == 3)
        return Literal(whole, whole, content, form, str(reference))

    def assigned(self, span: Span) -> str | None:
        string = self._string(span)
        found = _ASSIGNED.search(string.before) if string else None
        return found[1] if found and string and string.blocks[-1:] == ("environment",) else None

    def keys(self, span: Span) -> tuple[str, ...]:
        if name := self.assigned(span):
            return ("environment", name)
        string = self._string(span)
        is_step = string and string.blocks[:1] == ("pipeline",) and _STEP.search(string.before)
        follows = (
            re.match(r"[ \t]*(?:[),;}\r\n]|//|\Z)", self.text[string.whole.end :][:_REACH])
            if string
            else None
        )
        return (SCRIPT,) if is_step and follows else ()

    def _string(self, span: Span) -> _String | None:
        return next((string for string in self._strings if string.whole.contains(span)), None)


def with_credential(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:  # noqa: ARG001
    """Return the line that gives the steps of a pipeline a credential as a variable, if they have no such line.

    Raises:
        RewriteRefused: the pipeline sets the variable to something else.
    """
    text, newline = parsed.text, newline_of(parsed.text)
    # Each block's place after its brace.
    opened = {
        blocks: unit.end()
        for blocks, unit in _units(text)
        if unit[0] == "{" and blocks in {("pipeline",), ("pipeline", "environment")}
    }
    line = f"{name} = credentials('{name}')"
    at = opened.get(("pipeline", "environment"))
    if at is not None:
        known = re.search(
            rf"^[ \t]*{name}[ \t]*=[ \t]*([^\r\n]*)", text[at : text.index("}", at)], re.MULTILINE
        )
        if known is None:
            return [Replacement(Span(at, at), f"{newline}{_indent(text, at) or ' ' * 8}{line}")]
        if known[1].split("//")[0].strip() != line.partition(" = ")[2]:
            raise refuse_clash(name)
        return []
    at = opened[("pipeline",)]
    indent = _indent(text, at) or " " * 4
    lines = [f"{indent}environment {{", f"{indent * 2}{line}", f"{indent}}}"]
    return [Replacement(Span(at, at), newline + newline.join(lines))]


def _indent(text: str, at: int) -> str:
    """Return the indentation of the line after a brace."""
    following = re.match(r"[ \t]*\r?\n([ \t]+)", text[at : at + _REACH])
    return following[1] if following else ""


def _strings(text: str) -> Iterator[_String]:
    for blocks, unit in _units(text):
        if unit[0][0] in "'\"":
            before = text[max(0, unit.start() - _REACH) : unit.start()]
            yield _String(Span(*unit.span()), blocks, before)


def _units(text: str) -> Iterator[tuple[tuple[str, ...], re.Match[str]]]:
    """Yield each string, comment and brace, with the names of the two outermost blocks around it and the innermost."""
    blocks: list[str] = []
    for unit in _UNIT.finditer(text):
        if unit[0] == "{":
            name = _NAMED.search(text[max(0, unit.start() - _REACH) : unit.start()])
            blocks.append(name[1] if name else "")
        yield (*blocks[:2], *blocks[max(2, len(blocks) - 1) :]), unit
        if unit[0] == "}" and blocks:
            blocks.pop()
