"""The variables to which other files of a workspace give a value of their own, unless the environment sets them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.model import Secret, Span, Surface
from tokenward.operations.context import Context
from tokenward.operations.move.environment_line import NearestEnvironment
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.rewriting.env_file import parse_env
from tokenward.rewriting.languages import once
from tokenward.sources.project_code import code_below
from tokenward.sources.source import Origin, Source

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner

_FILES = (
    ".astro", ".bash", ".cjs", ".conf", ".cs", ".ex", ".exs", ".go", ".ipynb", ".java", ".jl", ".js", ".json", ".jsx",
    ".kt", ".mjs", ".php", ".pl", ".properties", ".py", ".R", ".rb", ".rs", ".scala", ".sh", ".svelte", ".toml", ".ts",
    ".tsx", ".vue", ".xml", ".yaml", ".yml", ".zsh", "Dockerfile", "Makefile", "Procfile",
)  # fmt: skip
_MOST_FILES, _MOST_CHARACTERS = 1_000, 5_000_000
_NAME = r"([A-Z][A-Z0-9_]{1,63})"
_QUOTE = r"\\?[\"']"
_IN_BRACES = re.compile(rf"\$\{{{_NAME}(?::[-=]?|[-=])(?P<literal>[^}}$\n?+=-][^}}$\n]{{0,300}})\}}")
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
    r"[rbuf]{0,2}\\?([\"'`])(?P<literal>[^\n]{0,300}?)\\?\1|(?P<constant>[A-Za-z_]\w{0,63})(?![\w.(\[:=])"
)
_NOTHING = {"None", "False", "false", "nil", "null", "undefined"}


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A value that a file gives to a variable.

    Attributes:
        path, text: of the file.
        span: of the literal in the text, or of the constant that holds it.
        is_literal: the value itself is there.
    """

    path: Path
    text: str
    span: Span
    is_literal: bool

    def differs(self, plain: str) -> bool:
        """Return whether it is not the value, or an address that contains that."""
        return not (self.is_literal and plain in self.text[self.span.start : self.span.end])

    def is_token(self, scanner: Scanner) -> bool:
        """Return whether the literal holds a token."""
        origin = Origin(self.path.as_uri(), Surface.FILE, self.path, None)
        found = FileTokens.of(scanner, Source(self.text, origin)).detections
        return self.is_literal and any(
            one.span.start < self.span.end and self.span.start < one.span.end for one in found
        )


def names_with_other_values(
    context: Context,
    source: Source,
    folder: Path,
    environment: NearestEnvironment | None,
    value: Secret,
    *,
    names: Collection[str],
    own: Collection[str] = (),
) -> set[str]:
    """Return the names of variables to which another file gives another value, unless environment files set them.

    Args:
        context: finds tokens.
        source: has the value now.
        folder: the workspace.
        environment: the environment files of the program; None if it needs none.
        value: that the variables would get.
        names: of the variables.
        own: those that the program reads already; of their other values, only tokens count.
    """
    path = environment.file.source.origin.path if environment else None
    if environment is None or path is None:
        return set()
    texts = (environment.file.source.text, *environment.others)
    wanted = {*names, *own}.difference(one.key for text in texts for one in parse_env(text))
    plain = value.reveal()
    return {
        name
        for other_path, text in _texts(path.parent, folder)
        if other_path != source.origin.path and any(name in text or name.lower() in text for name in wanted)
        for name, other in _other_values(other_path, text)
        if name in wanted and other.differs(plain) and (name not in own or other.is_token(context.scanner))
    }


def _texts(start: Path, root: Path) -> tuple[tuple[Path, str], ...]:
    return once(("code", start, root), lambda: tuple(_read(start, root)))


def _read(start: Path, root: Path) -> Iterator[tuple[Path, str]]:
    seen, left = set[str](), _MOST_CHARACTERS
    for path, text in chain.from_iterable(
        code_below(folder, _FILES, _MOST_FILES) for folder in dict.fromkeys((start, root))
    ):
        if path not in seen and left > 0:
            seen.add(path)
            left -= len(text)
            yield Path(path), text


def _other_values(path: Path, text: str) -> Iterator[tuple[str, OtherValue]]:
    for found in _IN_BRACES.finditer(text):
        yield found[1], OtherValue(path, text, Span(*found.span("literal")), is_literal=True)
    patterns = [_IN_CALL, _IN_ALTERNATIVE]
    if "BaseSettings" in text and "env_prefix" not in text:
        patterns.append(_IN_SETTINGS)
    for found in chain.from_iterable(pattern.finditer(text) for pattern in patterns):
        value = _VALUE.match(text, found.end())
        if value and value.lastgroup and value[value.lastgroup] not in {"", *_NOTHING}:
            span = Span(*value.span(value.lastgroup))
            is_literal = value.lastgroup == "literal"
            yield found[1].upper(), OtherValue(path, text, span, is_literal=is_literal)
