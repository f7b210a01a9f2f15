"""The files of the guard: agents' settings with our hook, our own configuration and records, and our program."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from glob import iglob
from itertools import islice, pairwise
from pathlib import Path

from tokenward.places import Places
from tokenward.thin_client import AGENT_SHELL

_MARK = ("agents", "hook")
"""The words of the hook's command, which settings with our hook contain."""
_LARGEST = 4_194_304
_QUOTES = str.maketrans("", "", "'\"\\")
_SEPARATORS = str.maketrans(dict.fromkeys(";|&\n()<>=`,{}", " "))
_MOST_WORDS = 500
_START = re.compile(r"(?:\A|[;|&\n({])\s*(?:\w+=\S*\s+)*([^\s;|&()]+)")
"""A command's own name, after the variables that are set for it."""
_LOOKED_UP = re.compile(r"(?:\$\(|`)\s*(?:which|type -[pP]|command -v|whence -p)\s+tokenward\b")
"""Our program's path, put into a command."""
_BRACES = re.compile(r"\{[^{}\s]*,[^{}\s]*\}")
_PATTERN = re.compile(r"[*?[]")
_HIDDEN = re.compile(r"dot_?glob|GLOBIGNORE", re.IGNORECASE)
"""Settings of shells with which a pattern means hidden files too."""
_MOST_MEANT, _MOST_CHANGES = 200, 4


class GuardFiles:
    """Recognises the files of the guard, by any path to them."""

    def __init__(
        self, places: Places, endings: Iterable[str], workspace_file: str, programs: Sequence[str] = ()
    ) -> None:
        """Take the ends of paths of agents' settings, the name of a workspace's own settings, and our programs."""
        self._endings = tuple(_folded(ending) for ending in endings)
        folders = {ending.rpartition("/")[0] for ending in self._endings if ending.startswith(".")} - {""}
        self._folders = tuple(f"/{one}" for one in folders)
        self._workspace_file = workspace_file
        package = Path(__file__).parents[2]
        shells = [f"{one}{AGENT_SHELL}" for one in programs if one]
        self.has_agent_shell = any(map(os.path.isfile, shells))
        self._programs = {way for one in (*programs, *shells) if one for way in _ways(one, "")}
        own = (places.config_dir, places.data_dir, places.cache_dir, package, *map(Path, self._programs))
        self._own = tuple(_folded(os.path.realpath(one)) for one in own if one.is_absolute())

    def holds(self, path: str, folder: str) -> bool:
        """Return whether a path is one of these files, in one, or leads to one."""
        return any(map(self._holds, _ways(path, folder)))

    def is_program(self, path: str) -> bool:
        """Return whether a path leads to our program."""
        return not self._programs.isdisjoint(_ways(path, ""))

    @staticmethod
    def is_installed(path: str) -> bool:
        """Return whether settings contain our hook; False if they cannot be read."""
        try:
            with Path(path).open("rb") as file:
                text = file.read(_LARGEST).decode("utf-8", "replace")
        except (OSError, ValueError):
            return False
        return all(word in text for word in _MARK)

    def named_in(self, line: str, folder: str) -> bool:
        """Return whether a command line names one of these files."""
        plain = line.translate(_QUOTES).replace("${HOME}", "$HOME")
        if _LOOKED_UP.search(plain):
            return True
        # To start our program does not change it.
        plain = _START.sub(lambda match: " " if _folded(match[1]) in self._programs else match[0], plain)
        plain = " ".join(islice((one for word in plain.split() for one in _expanded(word)), _MOST_WORDS * 2))
        if any(ending in _folded(plain) for ending in self._endings):
            return True
        words = plain.translate(_SEPARATORS).split()[:_MOST_WORDS]
        home = os.path.expanduser("~")  # noqa: PTH111
        words = [one.replace("$HOME", home) for one in words]
        return any(
            # A folder of such files could be linked, moved or removed.
            self.holds(path, base) or any(way.endswith(self._folders) for way in _ways(path, base))
            for base in _folders_of(words, folder)
            for word in dict.fromkeys(words)
            if not word.startswith("-") and word not in (".", "/", "~")
            for path in _meant(word, base, hidden=bool(_HIDDEN.search(line)))
        )

    def _holds(self, path: str) -> bool:
        if path.rpartition("/")[2] == self._workspace_file:
            return True
        if any(path == own or path.startswith(f"{own}/") for own in self._own):
            return True
        return any(path.endswith(f"/{one}") or f"/{one}/" in path for one in self._endings)


def _expanded(word: str) -> Iterator[str]:
    """Yield what the shell makes of the braces in a word."""
    braces = _BRACES.search(word)
    if braces is None:
        yield word
        return
    for choice in braces[0][1:-1].split(","):
        yield from _expanded(word[: braces.start()] + choice + word[braces.end() :])


def _folders_of(words: Sequence[str], folder: str) -> Iterator[str]:
    """Yield the folders in which a line's commands run."""
    yield folder
    changes = (to for word, to in pairwise(words) if word in ("cd", "pushd", "-C"))
    for to in islice(changes, _MOST_CHANGES):
        folder = os.path.join(folder, os.path.expanduser(to))  # noqa: PTH111, PTH118
        yield folder


def _meant(word: str, folder: str, *, hidden: bool) -> Iterator[str]:
    """Yield a word of a line, and the files that it means as a pattern, which may mean `hidden` ones by a star."""
    yield word
    if _PATTERN.search(word) and "\0" not in word:
        whole = os.path.join(folder, os.path.expanduser(word))  # noqa: PTH111, PTH118
        yield from islice(iglob(whole, include_hidden=hidden), _MOST_MEANT)  # noqa: PTH207 - it takes any pattern


def _ways(path: str, folder: str) -> set[str]:
    """Return a path as it is written and as it leads; nothing for one that cannot be opened."""
    try:
        whole = os.path.join(folder or os.getcwd(), os.path.expanduser(path))  # noqa: PTH109, PTH111, PTH118
        return {_folded(os.path.abspath(whole)), _folded(os.path.realpath(whole))}  # noqa: PTH100
    except (OSError, ValueError):
        return set()


def _folded(path: str) -> str:
    """Return a path as systems without case compare it; one more file is guarded elsewhere."""
    return path.replace("\\", "/").casefold().rstrip("/")
