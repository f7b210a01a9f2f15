"""Fills the files that a command reads by itself, if their tokens were moved out of them, and those of `--file`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import note
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.renames import left_by_moves
from tokenward.custody.callers.asker import require_own_command
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import TokenwardError
from tokenward.operations.environment_files.find_files import may_refer
from tokenward.operations.programs import find_program
from tokenward.operations.run.command_file import (
    CommandFile,
    private_path,
    references_of,
    require_free,
    require_uncommitted,
)
from tokenward.operations.run.command_reader import FileRead
from tokenward.operations.run.kustomization import kustomized_files
from tokenward.operations.run.repository_programs import is_repositorys
from tokenward.places import shown
from tokenward.rewriting.env_file import is_environment_file
from tokenward.sources.editable_file import read_text

_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def filled_files(
    found_files: Sequence[FileRead], command: list[str], program: str, invocation: Invocation
) -> list[CommandFile]:
    """Return the files to fill for a command, and change its words so that they name the filled ones.

    A repository can put any reference into a file, so only those are filled that were moved out of it on this machine.
    A program that it can write may have any name, and gets no file of the home folder by it.

    Raises:
        TokenwardError: a file cannot be read, or there is no place for the filled one.
    """
    found: list[CommandFile] = []
    changes: list[tuple[int, int, list[str]]] = []
    kept = [one for one in found_files if not (one.is_home and _is_withheld(one, program, invocation))]
    for (start, end), files in groupby(kept, itemgetter(1, 2)):
        reads = [*files]
        if reads[0].reader.mounted:
            changes.append((start, start, _secrets(reads[0], command, invocation)))
            continue
        fill = _filled_tree if reads[0].reader.kustomizes else _filled
        filled = {one.path: file for one in reads if (file := fill(one, invocation))}
        found += filled.values()
        if filled:
            paths = [(one, filled[one.path].place if one.path in filled else one.path) for one in reads]
            words = [word.replace("FILE", str(path)) for one, path in paths for word in one.words]
            changes.append((start, end, words))
    # From last to first, so that positions stay valid; an option goes before the words at its place.
    for start, end, words in sorted(changes, reverse=True):
        command[start:end] = words
    return found


def _is_withheld(read: FileRead, program: str, invocation: Invocation) -> bool:
    if not may_refer(read.path) or not is_repositorys(program, invocation.folder):
        return False
    option = " ".join(read.words).replace("FILE", str(read.path)) or f"{read.reader.variable}={read.path}"
    note(
        f"{shown(program)} did not get {shown(read.path)}, because a repository can write that program; to "
        f"fill the file for it, name it: `{shown(option)}`."
    )
    return True


def _secrets(read: FileRead, command: list[str], invocation: Invocation) -> list[str]:
    """Return the options that give a build the secrets that moves out of a Dockerfile have it mount."""
    file, row = read_text(read.path), read.reader
    known = {one.name for one in left_by_moves(Ledger(invocation.places.ledger), read.path)}
    asked = (
        dict.fromkeys(re.findall(row.mounted, file.text))
        if file and not {"compose", "bake"} & {*command}
        else {}
    )
    given = [name for name in asked if name in known and not any(f"id={name}," in word for word in command)]
    if given:
        require_own_command()
    return [word.replace("NAME", name) for name in given for word in row.given]


def _filled(read: FileRead, invocation: Invocation) -> CommandFile | None:
    file = read_text(read.path) if may_refer(read.path) else None
    if file is None:
        return None
    row, text = read.reader, read.text(file.text)
    if row.content:
        found = re.search(row.content, text)
        text = found[found.lastindex or 0] if found else ""
    known = left_by_moves(Ledger(invocation.places.ledger), read.path)
    everything = references_of(text)
    references = tuple(one for one in everything if one in known)
    if left := ", ".join(sorted(one.name for one in everything if one not in known)):
        note(
            f"{shown(left)} in {shown(read.path.name)} stays a reference, because it was not moved out of that "
            "file on this machine; to fill it, pass `--file`."
        )
    if not references:
        return None
    require_own_command()
    workspace = Bindings(invocation.places.custody).root_for(read.path.parent, absolute(Path()))
    path = private_path(invocation.places, read.path.name)
    variable = "" if read.words else row.variable
    return CommandFile(
        read.path, text, workspace, path, variable, path.parent, references, is_content=bool(row.content),
        is_folder=row.is_folder,
    )  # fmt: skip


def _filled_tree(read: FileRead, invocation: Invocation) -> CommandFile | None:
    """Return a copy of all files that a kustomization reads; None if none of them is to be filled."""
    folder = Path(os.path.realpath(read.path))
    kustomized = kustomized_files(folder)
    paths = kustomized.paths
    known = {path: file for path in paths if (file := _filled(read._replace(path=path), invocation))}
    if not known:
        return None
    kustomized.require_copyable()
    base = Path(os.path.commonpath([path.parent for path in paths]))
    copy = private_path(invocation.places, "files")
    files = [
        replace(
            known.get(path) or CommandFile(path, _content(path), invocation.folder, path),
            path=copy / path.relative_to(base),
            folder=None,
            is_literal=is_environment_file(path.name),
        )
        for path in paths
    ]
    references = tuple(dict.fromkeys(one for file in files for one in file.references))
    return replace(
        files[0],
        # It may name any file, also of another workspace.
        workspace=Bindings(invocation.places.custody).root_for(folder, absolute(Path())),
        folder=copy.parent,
        references=references,
        others=tuple(files[1:]),
        tree=copy / folder.relative_to(base),
    )


def _content(path: Path) -> str:
    file = read_text(path)
    return file.text if file else ""


def command_files(texts: list[str], invocation: Invocation) -> Iterator[CommandFile]:
    """Yield the files that the options ask for; print a line for each that Git would commit.

    Raises:
        TokenwardError: a template cannot be read, or the file cannot be where it is wanted.
    """
    for text in texts:
        template, _, place = text.rpartition("=")
        if not template or not place:
            raise TokenwardError(
                "`--file` needs a template and a place; write TEMPLATE=PLACE, or TEMPLATE={NAME} for a private file "
                "whose path the command gets as NAME."
            )
        source, variable = _absolute(template), _VARIABLE.fullmatch(place)
        file = read_text(source)
        if file is None:
            raise TokenwardError(f"{shown(template)} does not exist; check the path.")
        workspace = Bindings(invocation.places.custody).root_for(source.parent, absolute(Path()))
        references = references_of(file.text)
        if variable:
            path = private_path(invocation.places, source.name)
            yield CommandFile(source, file.text, workspace, path, variable[1], path.parent, references)
        else:
            yield CommandFile(source, file.text, workspace, _free(_absolute(place)), references=references)


def _free(place: Path) -> Path:
    require_free(place)
    try:
        require_uncommitted(place, find_program("git"), os.environ)
    except TokenwardError as error:
        note(error)
    return place


def _absolute(path: str) -> Path:
    # A shell leaves a `~` after `=` as it is.
    return absolute(Path(os.path.expanduser(path)))  # noqa: PTH111 - without a home it stays as it is
