"""The values that code gives to variables that are not set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span

FILES = (
    ".astro", ".bash", ".cjs", ".conf", ".cs", ".ex", ".exs", ".go", ".ipynb", ".java", ".jl", ".js", ".json", ".jsx",
    ".kt", ".mjs", ".php", ".pl", ".properties", ".py", ".R", ".rb", ".rs", ".scala", ".sh", ".svelte", ".toml", ".ts",
    ".tsx", ".vue", ".xml", ".yaml", ".yml", ".zsh", "Dockerfile", "Makefile", "Procfile",
)  # fmt: skip
_NAME = r"([A-Z][A-Z0-9_]{1,63})"
_QUOTE = r"\\?[\"']"
_IN_BRACES = re.compile(rf"\$\{{{_NAME}(?::[-=]?|[-=])(?P<literal>[^}}\n?+=-][^}}\n]{{0,300}})\}}")
_IN_CALL = re.compile(
    r"(?:(?i:get_?env|get_?or_?default)|environ\.(?:get|setdefault)|ENV\.fetch|\benv(?:\.[a-z]{1,12})?|\bconfig"
    rf"|\bget\(ENV,)\(?\s{{0,20}}{_QUOTE}{_NAME}{_QUOTE}\s{{0,20}},\s{{0,99}}(?:[^()\n]{{0,99}}?\bdefault\s?=\s?)?"
)
_IN_ALTERNATIVE = re.compile(
    rf"(?:\benv\.|(?:ENV|env|environ)[\[{{](?:{_QUOTE})?|(?:(?i:get_?env)|environ\.get|EnvironmentVariable|env::var)"
    rf"\(\s?{_QUOTE}){_NAME}(?:{_QUOTE})?[)\]}}]{{0,3}}!?\s{{0,20}}"
    r"(?:\|\||\?\?|\?:|//(?=\s?[\"'])|or\b|\.(?:unwrap_or|orElse|getOrElse)\w{0,10}\((?:\|\w?\|\s?)?)\s{0,99}"
)
# A field of pydantic's settings has a variable of its name.
_IN_SETTINGS = re.compile(
    r"^[ \t]+([A-Za-z]\w{1,63})[ \t]*:[^=\n]{1,80}=[ \t]*(?:\w{1,20}\((?:default\s?=\s?)?)?", re.MULTILINE
)
_VALUE = re.compile(
    r"[rbuf]{0,2}\\?([\"'`])(?P<literal>[^\n]{0,300}?)\\?\1|(?P<look_up>(?:\w{1,20}\.){0,3}(?:env|ENV|environ|getenv|get_env)\b[.(\[])"
    r"|(?P<constant>[A-Za-z_]\w{0,63})(?![\w.(\[:=])"
)
_NOTHING = {"None", "False", "false", "nil", "null", "undefined"}


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A value that a file gives to a variable.

    Attributes:
        path, text: of the file.
        span: of the literal in the text, or of what holds it.
        is_literal: the value itself is there.
        is_look_up: a lookup of another variable is there.
    """

    path: Path
    text: str
    span: Span
    is_literal: bool
    is_look_up: bool

    def differs(self, plain: str) -> bool:
        """Return whether it is not the value, or an address that contains that."""
        return not (self.is_literal and plain in self.text[self.span.start : self.span.end])


def other_values(path: Path, text: str) -> Iterator[tuple[str, OtherValue]]:
    """Yield the variables that a text looks up with another value for when they are not set, and these values."""
    for found in _IN_BRACES.finditer(text):
        is_look_up = found["literal"].startswith("$")
        span = Span(*found.span("literal"))
        yield found[1], OtherValue(path, text, span, is_literal=not is_look_up, is_look_up=is_look_up)
    patterns = [_IN_CALL, _IN_ALTERNATIVE]
    if "BaseSettings" in text and "env_prefix" not in text:
        patterns.append(_IN_SETTINGS)
    for found in chain.from_iterable(pattern.finditer(text) for pattern in patterns):
        value = _VALUE.match(text, found.end())
        if value and value.lastgroup and value[value.lastgroup] not in {"", *_NOTHING}:
            span = Span(*value.span(value.lastgroup))
            kind = value.lastgroup
            other = OtherValue(path, text, span, is_literal=kind == "literal", is_look_up=kind == "look_up")
            yield found[1].upper(), other
