"""The services of docker compose that need a variable in `environment:`, because they look up no reference.

Compose passes on the lines of an `env_file:` as they are, and code in a container sees no variable of its host.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import RewriteRefused, TokenwardError
from tokenward.model import Span
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.origins import language_for
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.sources.source import Source
from tokenward.text import newline_of

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MOST_CHARACTERS = 200_000
_MOST_SERVICES = 100
_SERVICES = re.compile(r"^services:[ \t]*(?:#.*)?\r?\n", re.MULTILINE)
_TOP = re.compile(r"^[^\s#]", re.MULTILINE)
_INDENT = re.compile(r"^([ \t]+)[^\s#]", re.MULTILINE)
_NAME = re.compile(r"[\"']?[\w.-]+[\"']?:[ \t]*(?:[#&].*)?")
_FIRST = re.compile(r"^([ \t]*)(-[ \t]+)?[^\s#]", re.MULTILINE)
_MOUNT = re.compile(r"-[ \t]*[\"']?(\.[^:\s\"']*):")
_COPIED = re.compile(
    r"^[ \t]*(?:COPY|ADD)[ \t]+(?!--from)(?:--\S+[ \t]+)*([^\n]+)", re.MULTILINE | re.IGNORECASE
)
_WORD = re.compile(r"[^\s\"',\[\]]+")


class FileOfContainer(NamedTuple):
    """A file that containers may read.

    Attributes:
        path: code, a Dockerfile or an environment file.
        env_file: the environment file that assigns the variable.
        root: the workspace.
    """

    path: Path
    env_file: Path
    root: Path


class _Service(NamedTuple):
    """The lines below a service's name in the text of a compose file of a folder."""

    folder: Path
    text: str
    block: Span

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

    def passes_on(self, file: str) -> bool:
        """Return whether `env_file:` names a file."""
        named = rf"(?:\A|[\s\"'/\[,]){re.escape(file)}(?:[\s\"'\],]|\Z)"
        return re.search(named, self.value("env_file")) is not None

    def contains(self, path: Path, editor: Editor) -> bool:
        """Return whether a file is mounted, copied into the image, or is its Dockerfile."""
        mounted = (self.folder / one for one in _MOUNT.findall(self.value("volumes")))
        if any(path.is_relative_to(os.path.normpath(one)) for one in mounted):
            return True
        build = self.value("build")
        context = re.search(r"(?:\A|context:)[ \t]*[\"']?([^\s\"'#]+)", build)
        if context is None:
            return False
        base = Path(os.path.normpath(self.folder / context[1]))
        named = re.search(r"dockerfile:[ \t]*[\"']?([^\s\"'#]+)", build)
        dockerfile = Path(os.path.normpath(base / (named[1] if named else "Dockerfile")))
        source = _read(editor, dockerfile) if path.is_relative_to(base) else None
        return path == dockerfile or (
            source is not None and _copies(source.text, path.relative_to(base).as_posix())
        )

    def added(self, name: str) -> Edit | None:
        """Return the insertion of a variable into `environment:`; None where that cannot be told."""
        entry, newline = self.entry("environment"), newline_of(self.text)
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


def service_edit(editor: Editor, file: FileOfContainer, name: str) -> FileEdit | None:
    """Return the edit by which the containers that read a file get a variable; None if none needs it."""
    for source in _compose_files(editor, file.path, file.root):
        services = [one for one in _services(source) if not one.sets(name)]
        needing = [
            one
            for one in services
            if one.passes_on(file.env_file.name) and one.folder == file.env_file.parent
        ]
        if file.path != file.env_file:
            needing = [one for one in services if one in needing or one.contains(file.path, editor)]
        edits = tuple(edit for one in needing if (edit := one.added(name)))
        return FileEdit(source, edits) if edits and _is_sound(source, edits) else None
    return None


def passing_on(editor: Editor, path: Path, root: Path, name: str) -> Path | None:
    """Return the compose file by which a container gets a line of an environment file, unless it sets the variable."""
    for source in _compose_files(editor, path, root):
        if any(one.passes_on(path.name) and not one.sets(name) for one in _services(source)):
            return source.origin.path
    return None


def _compose_files(editor: Editor, path: Path, root: Path) -> Iterator[Source]:
    """Yield the compose files beside a file and above it."""
    folders = [folder for folder in (path.parent, *path.parent.parents) if folder.is_relative_to(root)]
    for file in (folder / name for folder in folders for name in COMPOSE_FILES):
        source = _read(editor, file)
        if source is not None and file != path and len(source.text) <= _MOST_CHARACTERS:
            yield source


def _read(editor: Editor, path: Path) -> Source | None:
    with suppress(TokenwardError, OSError):
        return editor.read(path)
    return None


def _services(source: Source) -> Iterator[_Service]:
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
        _Service(path.parent, text, Span(one.end(), last))
        for one, last in zip(headers[:_MOST_SERVICES], ends, strict=False)
        if _NAME.fullmatch(one[1].rstrip())
    )


def _copies(dockerfile: str, path: str) -> bool:
    """Return whether an instruction copies a file of the build's folder."""
    words = (_WORD.findall(found)[:-1] for found in _COPIED.findall(dockerfile[:_MOST_CHARACTERS]))
    copied = (os.path.normpath(word) for found in words for word in found)
    return any(one in {".", path} or path.startswith(f"{one}/") or fnmatchcase(path, one) for one in copied)


def _is_sound(source: Source, edits: tuple[Edit, ...]) -> bool:
    try:
        language = language_for(source)
        language.read(source.text)
        language.read(apply_edits(source.text, edits))
    except RewriteRefused:
        return False
    return True
