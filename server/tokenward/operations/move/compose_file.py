"""The compose file that has to name a variable, because containers look up no reference and see no host's variables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tokenward.detection.generic.files import is_test
from tokenward.errors import TokenwardError
from tokenward.language import phrase, said
from tokenward.operations.files.editor import Editor
from tokenward.sources.source import Source

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MOST_CHARACTERS = 200_000
_COMMENT = re.compile(r"^[ \t]*#[^\n]*(?:\n|\Z)|(?<=\s)#[^\n]*", re.MULTILINE)
_ENV_FILE = re.compile(r"\benv_file[\"']?[ \t]*:([^\n]*(?:\n[ \t]*(?:-|path:|required:)[^\n]*)*)")
_WORD = re.compile(r"[^\s\"',\[\]{}]+")
_CODE = re.compile(
    r"\b(?:build|context)[ \t]*:[ \t]*[\"']?([^\s\"'#,{}]+)|[-\[,][ \t]*[\"']?(\.[^:\s\"',\]]*):"
)
"""Finds the folders that a service is built from or mounts."""
_PASSED_ON = phrase(
    "Add {name} to `environment:` in {file}, because compose passes on the lines of `env_file:` as they are."
)
_OF_CODE = phrase("Add {name} to `environment:` in {file} for each service that reads it.")


class ComposeStep(NamedTuple):
    """What a person writes into a compose file before a container gets a variable."""

    file: Path
    words: str


def compose_step(editor: Editor, path: Path, env_file: Path, root: Path, name: str) -> ComposeStep | None:
    """Return what a container needs that may read a file; None if no compose file has one, or names the variable.

    `path` is code, a Dockerfile or the environment file itself, which assigns the variable.
    """
    for file, text in _compose_files(editor, path, root):
        if re.search(rf"(?<![\w$]){re.escape(name)}(?=[\"']?[ \t]*(?:[:=,\]}}\r\n]|\Z))", text):
            continue
        if env_file in _paths(file.parent, (found[1] for found in _ENV_FILE.finditer(text))):
            return ComposeStep(file, said(_PASSED_ON, name=name, file=file.name))
        folders = _paths(file.parent, (found[1] or found[2] for found in _CODE.finditer(text)))
        is_code = path != env_file and not is_test(path.relative_to(root).as_posix())
        if is_code and any(path.is_relative_to(folder) for folder in folders):
            return ComposeStep(file, said(_OF_CODE, name=name, file=file.name))
    return None


def _compose_files(editor: Editor, path: Path, root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the compose files beside a file and above it, with their texts without comments."""
    folders = [folder for folder in (path.parent, *path.parent.parents) if folder.is_relative_to(root)]
    for file in (folder / name for folder in folders for name in COMPOSE_FILES):
        source = _read(editor, file) if file != path else None
        if source is not None and len(source.text) <= _MOST_CHARACTERS:
            yield file, _COMMENT.sub("", source.text)


def _read(editor: Editor, path: Path) -> Source | None:
    with suppress(TokenwardError, OSError):
        return editor.read(path)
    return None


def _paths(folder: Path, values: Iterable[str]) -> set[Path]:
    """Return the paths that the words of some values name, and other words of them."""
    return {Path(os.path.normpath(folder / word)) for value in values for word in _WORD.findall(value)}
