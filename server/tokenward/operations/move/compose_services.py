"""The services of docker compose that need a variable in `environment:`, because they look up no reference.

Compose passes on the lines of an `env_file:` as they are, and code in a container sees no variable of its host.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tokenward.detection.generic.files import is_test
from tokenward.errors import RewriteRefused
from tokenward.language import phrase, said
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.compose_file import (
    ComposeService,
    compose_files,
    paths_in,
    read_file,
    services_of,
)
from tokenward.operations.origins import language_for, origin_name
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.sources.source import Source

_ENV_FILE = re.compile(
    r"^[ \t]*env_file[ \t]*:([^\n]*(?:\n[ \t]*(?:-|path:|required:|#)[^\n]*)*)", re.MULTILINE
)
_PACKAGE = (
    "Dockerfile",
    "package.json",
    "pyproject.toml",
    "go.mod",
    "Cargo.toml",
    "Gemfile",
    "composer.json",
    "pom.xml",
)
_STEP = phrase(
    "Add {name} to `environment:` in {file}, because compose passes on the lines of `env_file:` as they are."
)


class FileOfContainer(NamedTuple):
    """A file that containers may read.

    Attributes:
        path: code, a Dockerfile or an environment file.
        env_file: the environment file that assigns the variable.
    """

    path: Path
    env_file: Path
    root: Path


class AddedVariable(NamedTuple):
    """What a move added to a service.

    Attributes:
        origin: the compose file's.
        service: its name, as it is written.
        text: the insertion.
    """

    origin: str
    service: str
    text: str


class ServiceChange(NamedTuple):
    """What a container needs for a variable.

    Attributes:
        file: the edit of the compose file, if one can be made.
        step: what a person has to do instead; may be empty.
    """

    file: FileEdit | None = None
    added: tuple[AddedVariable, ...] = ()
    step: str = ""
    folder: Path | None = None


def service_change(editor: Editor, file: FileOfContainer, name: str) -> ServiceChange:
    """Return what the containers that read a file need to get a variable; nothing if none needs it."""
    for source in compose_files(editor, file.path, file.root):
        services = [*services_of(source)]
        needing = [one for one in _reading(services, file, editor) if not one.sets(name)]
        found = [(one, edit) for one in needing if (edit := one.added(name))]
        edits, path = tuple(edit for _, edit in found), source.origin.path
        if not _is_sound(source, edits):
            found, edits = [], ()
        passed_on = any(one.passes_on(file.env_file) for one in needing if one not in dict(found))
        if not passed_on and file.path == file.env_file:
            passed_on = _passes_on_elsewhere(source, services, file.env_file, name)
        if edits or passed_on:
            origin = origin_name(source.origin)
            return ServiceChange(
                FileEdit(source, edits) if edits else None,
                tuple(AddedVariable(origin, one.name, edit.text) for one, edit in found),
                said(_STEP, name=name, file=path.name) if passed_on and path else "",
                path.parent if path else None,
            )
    return ServiceChange()


def passing_on(editor: Editor, path: Path, root: Path, name: str) -> Path | None:
    """Return the compose file by which a container gets a line of an environment file, unless it sets the variable."""
    for source in compose_files(editor, path, root):
        if any(one.passes_on(path) and not one.sets(name) for one in services_of(source)):
            return source.origin.path
    return None


def without_variables(source: Source, added: Iterable[AddedVariable], own: Container[tuple[str, str]]) -> str:
    """Return the text of a compose file without what moves added to it, as far as that is as they wrote it.

    `own` has the origins and services to which moves also added `environment:`.
    """
    for one in added:
        service = next((found for found in services_of(source) if found.name == one.service), None)
        edit = service.without(one.text, is_own=(one.origin, one.service) in own) if service else None
        if edit:
            source = replace(source, text=apply_edits(source.text, [edit]))
    return source.text


def _reading(
    services: Sequence[ComposeService], file: FileOfContainer, editor: Editor
) -> list[ComposeService]:
    """Return the services whose containers read a file, or the environment file for it."""
    if file.path == file.env_file:
        return [one for one in services if one.passes_on(file.env_file)]
    folder = services[0].folder if services else file.root
    if is_test(file.path.relative_to(folder).as_posix()):
        return []
    above = (one for one in file.path.parents if one.is_relative_to(file.root))
    package = next(
        (one for one in above if any(read_file(editor, one / name) for name in _PACKAGE)), file.root
    )
    bases = {one: base for one in services if (base := one.base(file.path))}
    built = (base for one, base in bases.items() if one.is_built())
    narrowest = max(built, key=lambda base: len(base.parts), default=file.root)
    near = [one for one, base in bases.items() if base not in narrowest.parents]
    found = []
    for one in services:
        # An image that is built elsewhere may have any code.
        may_read = one in near and package in (bases[one], *bases[one].parents) if one.is_built() else True
        if (one.passes_on(file.env_file) and may_read) or (
            one in near and one.contains(file.path, package, editor)
        ):
            found.append(one)
    return found


def _passes_on_elsewhere(source: Source, services: Sequence[ComposeService], file: Path, name: str) -> bool:
    """Return whether lines that services share, or that are in no plain place, name an environment file."""
    blocks = [one.block for one in services]
    return any(
        file in paths_in(source.origin.path.parent, found[1])
        for found in _ENV_FILE.finditer(source.text)
        if source.origin.path and not any(block.start <= found.start() < block.end for block in blocks)
    ) and not any(one.sets(name) for one in services)


def _is_sound(source: Source, edits: tuple[Edit, ...]) -> bool:
    try:
        language = language_for(source)
        language.read(source.text)
        language.read(apply_edits(source.text, edits))
    except RewriteRefused:
        return False
    return True
