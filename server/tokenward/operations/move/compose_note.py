"""docker compose passes on the lines of an `env_file:`: it looks up variables in them, but no references."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.language import phrase, said
from tokenward.operations.files.editor import Editor

COMPOSE = "Docker Compose"
"""The name of docker compose's reader."""
_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MOST_CHARACTERS = 200_000
_ENV_FILE = re.compile(r"^[ \t]*env_file[ \t]*:(?P<files>[^\n]*(?:\n[ \t]*(?:-|path:)[^\n]*)*)", re.MULTILINE)


def compose_note(editor: Editor, path: Path, root: Path, name: str) -> str:
    """Return the remaining step for a container to get a variable's value; empty if no `env_file:` names the file."""
    file = passing_on(editor, path, root, name)
    text = phrase(
        "Add {name} to `environment:` in {file}, because compose passes on the lines of `env_file:` as they are."
    )
    return said(text, name=name, file=file.name) if file else ""


def passing_on(editor: Editor, path: Path, root: Path, name: str) -> Path | None:
    """Return the compose file by which a container gets a line of an environment file, unless it sets the variable."""
    folders = [folder for folder in (path.parent, *path.parent.parents) if folder.is_relative_to(root)]
    for file in (folder / file for folder in folders for file in _FILES):
        source = None
        with suppress(TokenwardError, OSError):
            source = editor.read(file)
        if source is not None and _passes_on(source.text[:_MOST_CHARACTERS], path.name, name):
            return file
    return None


def _passes_on(compose: str, file: str, name: str) -> bool:
    """Return whether a file is read as `env_file:`, and nothing else sets the variable."""
    named = re.compile(rf"(?:\A|[\s\"'/\[,]){re.escape(file)}(?:[\s\"'\],]|\Z)")
    is_set = re.search(
        rf"^[ \t]*(?:-[ \t]*)?[\"']?{re.escape(name)}[\"']?[ \t]*(?:[:=]|$)", compose, re.MULTILINE
    )
    return not is_set and any(named.search(found["files"]) for found in _ENV_FILE.finditer(compose))
