"""The text of a compose file: its services, the files that they read, and the variables that they set."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import TokenwardError
from tokenward.model import Span
from tokenward.operations.files.editor import Editor
from tokenward.rewriting.edits import Edit
from tokenward.sources.source import Source
from tokenward.text import newline_of

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
OWN = "environment:"
"""Begins an insertion into a service without the key."""
_MOST_CHARACTERS = 200_000
_MOST_SERVICES = 100
_SERVICES = re.compile(r"^services:[ \t]*(?:#.*)?\r?\n", re.MULTILINE)
_TOP = re.compile(r"^[^\s#]", re.MULTILINE)
_INDENT = re.compile(r"^([ \t]+)[^\s#]", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*")
_NAME = re.compile(r"[\"']?[\w.-]+[\"']?:[ \t]*(?:[#&].*)?")
_FIRST = re.compile(r"^([ \t]*)(-[ \t]+)?[^\s#]", re.MULTILINE)
_MOUNT = re.compile(r"-[ \t]*[\"']?(\.[^:\s\"']*):")
_COPIED = re.compile(
    r"^[ \t]*(?:COPY|ADD)[ \t]+(?!--from)(?:--\S+[ \t]+)*([^\n]+)", re.MULTILINE | re.IGNORECASE
)
_WORD = re.compile(r"[^\s\"',\[\]]+")


class ComposeService(NamedTuple):
    """The lines below a service's name in the text of a compose file of a folder."""

    folder: Path
    text: str
    block: Span
    name: str

    @property
    def is_plain(self) -> bool:
        """Return whether nothing but the lines below makes up the service."""
        return _NAME.fullmatch(self.name) is not None

    def entry(self, key: str) -> tuple[Span, Span] | None:
        """Return what follows a key on its line, and the lines below that belong to it."""
        indent = self.indent()
        below = rf"(?:{indent}(?:[ \t]|-[ \t])[^\n]*|[ \t\r]*(?:#[^\n]*)?)(?:\n|\Z)"
        pattern = re.compile(rf"^{indent}{key}:([^\n]*)(?:\n|\Z)((?:{below})*)", re.MULTILINE)
        found = pattern.search(self.text, self.block.start, self.block.end)
        return (Span(*found.span(1)), Span(*found.span(2))) if found else None

    def value(self, key: str) -> str:
        """Return the text of a key's value; empty without the key."""
        entry = self.entry(key)
        return self.text[entry[0].start : entry[1].end] if entry else ""

    def indent(self) -> str:
        """Return the blanks before a key."""
        found = _INDENT.search(self.text, self.block.start, self.block.end)
        return found[1] if found else " "

    def sets(self, name: str) -> bool:
        """Return whether `environment:` has a variable."""
        named = rf"(?<![\w$]){re.escape(name)}(?=[\"']?[ \t]*(?:[:=,\]}}#\r\n]|\Z))"
        return re.search(named, self.value("environment")) is not None

    def passes_on(self, file: Path) -> bool:
        """Return whether `env_file:` names a file."""
        return file in paths_in(self.folder, self.value("env_file"))

    def base(self, path: Path) -> Path | None:
        """Return the folder with a file that is the build's or is mounted; None if neither contains the file."""
        mounted = (self.folder / one for one in _MOUNT.findall(self.value("volumes")))
        bases = (Path(os.path.normpath(one)) for one in (*self._context(), *mounted))
        return next((one for one in bases if path.is_relative_to(one)), None)

    def is_built(self) -> bool:
        """Return whether the compose file says how its image is made."""
        return bool(self._context())

    def contains(self, path: Path, package: Path, editor: Editor) -> bool:
        """Return whether a file of a package is mounted, copied into the image, or is its Dockerfile."""
        mounted = (Path(os.path.normpath(self.folder / one)) for one in _MOUNT.findall(self.value("volumes")))
        if any(path.is_relative_to(one) and package in (one, *one.parents) for one in mounted):
            return True
        context = self._context()
        if not context or not path.is_relative_to(base := Path(os.path.normpath(context[0]))):
            return False
        named = re.search(r"dockerfile:[ \t]*[\"']?([^\s\"'#,}]+)", self.value("build"))
        dockerfile = Path(os.path.normpath(base / (named[1] if named else "Dockerfile")))
        source = read_file(editor, dockerfile)
        if source is None or path == dockerfile:
            return path == dockerfile
        # A build of all packages names the one that it is for.
        own = base if package in (base, dockerfile.parent, *base.parents) else package
        return _copies(source.text, path.relative_to(base).as_posix(), own.relative_to(base).as_posix())

    def _context(self) -> list[Path]:
        found = re.search(r"(?:\A[ \t]*|context:[ \t]*)(?!\{)[\"']?([^\s\"'#,}]+)", self.value("build"))
        return [self.folder / found[1]] if found else []

    def without(self, text: str, *, is_own: bool) -> Edit | None:
        """Return the removal of what `added` inserted, and of an own `environment:` that is empty then."""
        entry = self.entry("environment")
        if entry is None:
            return None
        given, below = entry
        if not text.endswith("\n"):
            bare = re.escape(text.removesuffix(", "))
            pattern = re.compile(rf"(?<=[\[{{ ,]){bare}, |, {bare}(?=[\]}}])|(?<=[\[{{ ]){bare}(?=[\]}}])")
            found = pattern.search(self.text, given.start, given.end)
            return Edit(Span(*found.span()), "") if found else None
        line = re.compile(f"^{re.escape(text.splitlines(keepends=True)[-1])}", re.MULTILINE)
        found = line.search(self.text, below.start, below.end)
        if found is None:
            return None
        rest = self.text[below.start : found.start()] + self.text[found.end() : below.end]
        start = found.start()
        if is_own and not _COMMENT.sub("", rest).strip():
            start = self.text.rfind("\n", 0, given.start) + 1
        return Edit(Span(start, found.end()), "")

    def added(self, name: str) -> Edit | None:
        """Return the insertion of a variable into `environment:`; None where that cannot be told."""
        entry, newline = self.entry("environment"), newline_of(self.text)
        if not self.is_plain:
            return None
        if entry is None:
            # What an alias brings would be replaced, and the key may be there in another spelling.
            other = re.compile(rf"^{self.indent()}(?:<<|[\"'?!&]|environment)", re.MULTILINE)
            if other.search(self.text, self.block.start, self.block.end):
                return None
            line = f"{self.indent()}environment:{newline}{self.indent()}  - {name}{newline}"
            return Edit(Span(self.block.start, self.block.start), line)
        given, below = entry
        opening = re.match(r"[ \t]*([\[{])[ \t]*(.?)", self.text[given.start : given.end])
        if opening:
            assigned = f'{name}: "${{{name}}}"' if opening[1] == "{" else f'"{name}"'
            place = given.start + opening.end(1)
            return Edit(Span(place, place), assigned if opening[2] in {"]", "}"} else f"{assigned}, ")
        first = _FIRST.search(self.text, below.start, below.end)
        if first is None or not re.fullmatch(r"\s*(?:#.*)?\s*", self.text[given.start : given.end]):
            return None
        assigned = f"- {name}" if first[2] else f"{name}: ${{{name}}}"
        return Edit(Span(first.start(), first.start()), f"{first[1]}{assigned}{newline}")


def paths_in(folder: Path, value: str) -> set[Path]:
    """Return the paths of a value of `env_file:`, and other words of it."""
    words = _WORD.findall(_COMMENT.sub("", value))
    return {Path(os.path.normpath(folder / word)) for word in words}


def compose_files(editor: Editor, path: Path, root: Path) -> Iterator[Source]:
    """Yield the compose files beside a file and above it."""
    folders = [folder for folder in (path.parent, *path.parent.parents) if folder.is_relative_to(root)]
    for file in (folder / name for folder in folders for name in COMPOSE_FILES):
        source = read_file(editor, file)
        if source is not None and file != path and len(source.text) <= _MOST_CHARACTERS:
            yield source


def read_file(editor: Editor, path: Path) -> Source | None:
    """Return a file; None without one that can be read."""
    with suppress(TokenwardError, OSError):
        return editor.read(path)
    return None


def services_of(source: Source) -> Iterator[ComposeService]:
    """Yield the services of a compose file."""
    text, path = source.text, source.origin.path
    start = _SERVICES.search(text)
    after = _TOP.search(text, start.end()) if start else None
    end = after.start() if after else len(text)
    indent = _INDENT.search(text, start.end(), end) if start else None
    if path is None or start is None or indent is None:
        return
    header = re.compile(rf"^{indent[1]}([^\s#][^\n]*)\n", re.MULTILINE)
    headers = [*header.finditer(text, start.end(), end)]
    ends = [*(one.start() for one in headers[1:]), end]
    yield from (
        ComposeService(path.parent, text, Span(one.end(), last), one[1].rstrip())
        for one, last in zip(headers[:_MOST_SERVICES], ends, strict=False)
    )


def _copies(dockerfile: str, path: str, package: str) -> bool:
    """Return whether an instruction copies a file of the build's folder, and no more than a package."""
    words = (_WORD.findall(found)[:-1] for found in _COPIED.findall(dockerfile[:_MOST_CHARACTERS]))
    copied = (os.path.normpath(word) for found in words for word in found)
    own = [one for one in copied if package == "." or f"{one}/".startswith(f"{package}/")]
    return any(one in {".", path} or path.startswith(f"{one}/") or fnmatchcase(path, one) for one in own)
