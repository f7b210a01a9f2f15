"""CommandReader: a program whose files `run` fills, and how it gets the filled file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tokenward.fast_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandReader:
    """One row: the options or the variable that name a file of some programs.

    Attributes:
        programs: their names; empty for all programs, which may have the options or read the variable.
        takes_words: each argument may be a file.
        takes_folders: a folder means the manifests in it.
        kustomizes: a folder means the files that its kustomization reads; the program gets a copy of it.
        inside: the file that the program reads in a folder among the arguments, or in the one that the variable names.
        content: finds the part of the file that is the variable's value; the file then has no other name.
        is_folder: the variable names the file's folder.
        usual: the files that are read if nothing names one; `~` is the home folder, a relative one is in the current.
        given: the option that names a usual file; FILE is its path. The variable does it otherwise.
        behind: subcommands that take that option, which follows them; without any, it follows the program.
        only_with: one of these options must be there for a usual file to be read.
        mounted: finds the names of secrets that the file mounts; they are passed by an option, and nothing is filled.
        changes: patterns, and their replacements in the filled file; FOLDER is the folder of the original.
        starts_others: it starts the workspace's programs, so it keeps PATH and the variables of `.env`.
    """

    programs: frozenset[str] = frozenset()
    options: Sequence[str] = ()
    takes_words: bool = False
    takes_folders: bool = False
    kustomizes: bool = False
    inside: str = ""
    variable: str = ""
    content: str = ""
    is_folder: bool = False
    usual: Sequence[str] = ()
    given: Sequence[str] = ()
    behind: frozenset[str] = frozenset()
    only_with: frozenset[str] = frozenset()
    mounted: str = ""
    changes: Sequence[tuple[str, str]] = ()
    starts_others: bool = False

    def may_follow(self, words: Sequence[str]) -> bool:
        """Return whether its option may follow some words of a command."""
        return not self.behind or not self.behind.isdisjoint(words)


class FileRead(NamedTuple):
    """A file that a command reads.

    Attributes:
        start: the first of the command's words that name it.
        end: the word after them; equal to `start` if words are to be inserted.
        words: the words that name it; FILE is its path.
        is_home: it is in the home folder, and neither the command nor a variable names it.
    """

    path: Path
    start: int
    end: int
    words: tuple[str, ...]
    reader: CommandReader
    is_home: bool = False

    def text(self, text: str) -> str:
        """Return the text of the file as it is in another folder."""
        folder = str(self.path.parent).replace("%", "%%")
        for pattern, changed in self.reader.changes:
            text = re.sub(pattern, lambda _: changed.replace("FOLDER", folder), text)  # noqa: B023 - called at once
        return text
