"""The programs whose files `run` fills, the `files.run` of the catalog, and the files that a command reads.

A filled file binds a token to its host, as the original did; most variables for tokens would not, so that a cloned
repository's remote or settings could name another host. Only a file that a variable names is filled for any program,
because any repository's code may ask.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tokenward.catalog.home_files import file_tables, files_of
from tokenward.operations.run.command_reader import CommandReader, FileRead
from tokenward.operations.run.kustomization import is_kustomization
from tokenward.rewriting.env_file import parse_env
from tokenward.sources.editable_file import text_if_readable

MOST_FILES = 200
"""The most files of a folder that are filled; the command does not get the others."""
_MANIFESTS = (".json", ".yaml", ".yml")
_SETS = ("programs", "behind", "only_with")


def _rows() -> Iterator[CommandReader]:
    for table in file_tables():
        # `<home>` stands for the tool's first home files.
        homes = [one.usual for group in table.get("home", ())[:1] for one in files_of(group)]
        for row in table.get("run", ()):
            usual = [place for one in row.get("usual", ()) for place in (homes if one == "<home>" else [one])]
            yield CommandReader(
                **{key: frozenset(value) if key in _SETS else value for key, value in row.items()}
                | {"usual": usual}
            )


# A program's own rows come before those for all programs, and options before variables.
COMMAND_READERS = tuple(sorted(_rows(), key=lambda row: (not row.programs, not row.options)))


def paths_in(env_files: Iterable[Path], only: Sequence[str], folder: Path) -> dict[str, str]:
    """Return the variables that name a file, or have its content, in environment files.

    Of some names, separated by commas, if there are any. Only files below the folder count: a cloned repository's
    `.env` may name files of other workspaces. An unreadable file is reported when it is read for the environment.
    """
    contents = {row.variable for row in COMMAND_READERS if row.content}
    names = {row.variable for row in COMMAND_READERS if row.variable}
    names &= {name.strip() for part in only for name in part.split(",")} if only else names
    found: dict[str, str] = {}
    for path in env_files:
        text = text_if_readable(path)
        if any(name in text for name in names):
            found |= {one.key: one.value for one in parse_env(text) if one.key in names}
    root = folder.resolve()
    return {
        name: path
        for name, path in found.items()
        if name in contents or ("\0" not in path and Path(os.path.realpath(path)).is_relative_to(root))
    }


def files_read(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[FileRead]:
    """Yield the existing files that a command reads, those of one folder together; relative to the current folder."""
    program = os.path.basename(command[0]).removesuffix(".exe")  # noqa: PTH119 - the name need not be a clean path
    seen: set[int] = set()
    for row in COMMAND_READERS:
        is_read = program in row.programs or (row.options and not row.programs)
        if is_read and (named := [one for one in _named_by_words(row, command) if one.start not in seen]):
            seen.update(one.start for one in named)
            by_option = [one for one in named if one.start < one.end]
            yield from by_option if row.mounted and by_option else named
        elif row.variable in variables:
            # A program that has its own row needs no row for all programs.
            own = (one for one in COMMAND_READERS if one.variable == row.variable and program in one.programs)
            is_for_it = program in row.programs or not (row.programs or any(own))
            if is_for_it and not row.content:
                name = variables[row.variable]
                yield from _files(row, 0, 0, (), f"{name}/{row.inside}" if row.is_folder else name)
        elif program in row.programs:
            yield from _usual(row, command)


def _named_by_words(row: CommandReader, command: Sequence[str]) -> Iterator[FileRead]:
    # Words after `--` belong to another program.
    end = command.index("--") if "--" in command else len(command)
    for at, word in enumerate(command[1:end], 1):
        name, equals, value = word.partition("=")
        if word in row.options and at + 1 < len(command):
            yield from _files(row, at, at + 2, (word, "FILE"), command[at + 1])
        elif equals and name in row.options:
            yield from _files(row, at, at + 1, (f"{name}=FILE",), value)
        elif short := next((one for one in row.options if len(one) == 2 and word[:2] == one), ""):
            yield from _files(row, at, at + 1, (f"{short}FILE",), word[2:])
        elif row.takes_words and not word.startswith("-") and row.may_follow(command[1:at]):
            yield from _files(row, at, at + 1, ("FILE",), word)
        elif row.inside and row.behind.intersection(command[1:at]):
            yield from _added(row, command, f"{word}/{row.inside}")


def _usual(row: CommandReader, command: Sequence[str]) -> Iterator[FileRead]:
    if not row.may_follow(command[1:]) or (row.only_with and row.only_with.isdisjoint(command)):
        return
    for name in row.usual:
        path = os.path.expandvars(os.path.expanduser(name))  # noqa: PTH111 - without a home it stays as it is
        found = [one._replace(is_home=name[0] in "~$") for one in _added(row, command, path)]
        yield from found
        if found:
            return


def _added(row: CommandReader, command: Sequence[str], name: str) -> Iterator[FileRead]:
    at = next((at for at, word in enumerate(command[1:], 1) if word in row.behind), 0) + 1
    return _files(row, at, at, tuple(row.given), name)


def _files(row: CommandReader, start: int, end: int, words: tuple[str, ...], name: str) -> Iterator[FileRead]:
    if not name or "\0" in name:
        return
    path = Path(os.path.abspath(name))  # noqa: PTH100 - links stay
    if is_kustomization(path) if row.kustomizes else os.path.isfile(path):  # noqa: PTH113 - it takes any name
        yield FileRead(path, start, end, words, row)
    elif row.takes_folders:
        with suppress(OSError):
            inner = sorted(one for one in path.iterdir() if one.suffix in _MANIFESTS and one.is_file())
            yield from (FileRead(one, start, end, words, row) for one in inner[:MOST_FILES])
