"""What an agent reads into its model's context by itself, which is searched for tokens once a session."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import field
from glob import escape
from pathlib import Path

from tokenward.catalog.instructions import FileGroup, Instructions
from tokenward.errors import GitFailed
from tokenward.fast_dataclasses import dataclass
from tokenward.operations.agents.known_secrets import text_of
from tokenward.operations.programs import find_program
from tokenward.safe_files import open_regular, read_own, replace_private
from tokenward.sources.encoding import decoded

_LONGEST_LIST, _LONGEST_WORDS = 65_536, 100_000
_MOST_SAID = 8_388_608
"""Bytes; about what a model can be sent at once, and what can be searched in time."""
_QUESTIONS = (
    ("symbolic-ref", "--short", "--quiet", "HEAD"),
    ("rev-list", "--max-count=5", "--format=%s", "HEAD"),
    ("diff-index", "--cached", "--name-only", "-z", "HEAD"),
    ("ls-files", "--others", "--exclude-standard", "--directory", "-z"),
)
LARGEST = 8_388_608
"""The longest text of a file that is searched for tokens."""
_LARGEST_SETTINGS = 262_144
_LEAST = 4_096
"""Characters that a file counts for at least, because opening one takes time too."""
_COMMENT = re.compile(r"(\"(?:[^\"\\]|\\.)*(?:\"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMMA = re.compile(r",(?=\s*[}\]])")
_VARIABLE = re.compile(r"\{(\w+)\|([^}]*)\}")
_COMMAND = re.compile(r"\s*/(?:[\w.-]+:)*([\w.-]+)")
"""A command at the beginning of a prompt; what is before a colon names its folder or plugin."""
_HEAD = re.compile(r"\s*(---[ \t]*\r?\n.*?^---|[^\n]*)", re.DOTALL | re.MULTILINE)


class SessionBeginning:
    """Notes the sessions that were searched in a file, the newest last; without a file, none was."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def is_searched(self, session: str) -> bool:
        """Return whether a session was searched; one without a name never was."""
        return bool(session) and _digest(session) in self._digests()

    def note_searched(self, session: str) -> None:
        """Note a session; if that fails, it is searched again."""
        if self._path and session:
            with suppress(OSError):
                noted = b"\n".join([*self._digests(), _digest(session)])
                replace_private(self._path, noted[-_LONGEST_LIST:], durable=False)

    def _digests(self) -> list[bytes]:
        try:
            return read_own(self._path, _LONGEST_LIST).split(b"\n") if self._path else []
        except OSError:
            return []


def _digest(session: str) -> bytes:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()[:32].encode()


def said_before(transcript: str) -> str:
    """Return the end of a session's transcript; nothing if it cannot be read."""
    try:
        descriptor, status = open_regular(transcript, follow_links=True)
    except (OSError, ValueError):
        return ""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(max(0, status.st_size - _MOST_SAID))
        return decoded(file.read(_MOST_SAID))[0]


def repository_words(folder: Path) -> str:
    """Return the branch, the subjects of the last five commits and the names of staged and new files; else nothing."""
    from tokenward.sources.git.repository import open_repository  # noqa: PLC0415 - once a session

    git = find_program("git")
    try:
        repository = open_repository(git, folder, os.environ) if git else None
        answers = [repository.run(*one, may_fail=True) or b"" for one in _QUESTIONS] if repository else []
    except GitFailed:
        return ""
    return "\n".join(os.fsdecode(one[:_LONGEST_WORDS]).replace("\0", "\n") for one in answers)


@dataclass(frozen=True, slots=True)
class ReadText:
    """What an agent reads of a file, and whether it reads the files that this text names, too."""

    path: Path
    text: str = field(repr=False)
    imports: bool = False


class TooMuchText(Exception):
    """All files together are longer than can be searched in time; the argument is the one that was too much."""


class InstructionFiles:
    """The files of one agent, for one user; all that are read may have the longest text together."""

    def __init__(self, row: Instructions, home: Path) -> None:
        self._row = row
        self._home = home
        self._left = LARGEST

    def read(self, path: Path) -> ReadText | None:
        """Return a file as the agent reads it; None if it cannot be read.

        Raises:
            TooMuchText: no more can be searched.
        """
        if (text := text_of(path, self._left + 1)) is None:
            return None
        self._left -= max(len(text), _LEAST)
        if self._left < 0:
            raise TooMuchText(path)
        return ReadText(path, text, self._row.imports)

    def at_prompt(self, prompt: str, folder: Path) -> Iterator[ReadText]:
        """Yield what is read at the start of a session in a folder, and for the command that a prompt names."""
        named = _COMMAND.match(prompt)
        for base, group in self._groups(folder):
            yield from self._whole(base, group, folder)
            for read in self._texts(base, group.heads):
                head = _HEAD.match(read.text)
                yield ReadText(read.path, head[0] if head else "")
            if named:
                name = escape(named[1])
                yield from self._texts(base, [one.replace("{name}", name) for one in group.commands])
        for key in self._row.texts:
            for place, text in self._settings(key, folder):
                yield ReadText(place, text)

    def beside(self, path: Path, folder: Path) -> Iterator[ReadText]:
        """Yield what is read together with a file, up to the top of the repository or the session's folder."""
        # The folder may be one that a command changed to, in which the session did not start.
        top = next((one for one in (folder, *folder.parents) if os.path.lexists(one / ".git")), folder)
        for group in self._row.groups if path.is_relative_to(top) else ():
            for base in path.parents if group.place == "nested" else ():
                if base == top:
                    break
                yield from self._whole(base, group, folder)

    def _groups(self, folder: Path) -> Iterator[tuple[Path, FileGroup]]:
        around, root = [folder, *folder.parents], self._row.root
        if root:
            top = next((at for at, one in enumerate(around) if os.path.lexists(one / root)), 0)
            around = around[: top + 1]
        for group in self._row.groups:
            bases = around if group.place == "parents" else [self._path(group.place, folder)]
            yield from ((base, group) for base in bases if group.place != "nested")

    def _whole(self, base: Path, group: FileGroup, folder: Path) -> Iterator[ReadText]:
        for entry in group.files:
            choices = [entry] if isinstance(entry, str) else entry
            for pattern in choices:
                named = (text for _, text in self._settings(pattern[1:], folder))
                found = [*self._texts(base, named if pattern.startswith("$") else [pattern])]
                yield from found
                if found and len(choices) > 1:
                    break

    def _texts(self, base: Path, patterns: Iterable[str]) -> Iterator[ReadText]:
        for pattern in patterns:
            whole = Path(os.path.expanduser(pattern))  # noqa: PTH111 - it may name no user
            start = Path(whole.anchor) if whole.is_absolute() else base
            with suppress(OSError, ValueError, NotImplementedError):
                for path in start.glob(str(whole.relative_to(whole.anchor))):
                    if read := self.read(path):
                        yield read

    def _settings(self, key: str, folder: Path) -> Iterator[tuple[Path, str]]:
        """Yield the texts under a key of the settings, each with its file."""
        for path in (self._path(place, folder) for place in self._row.settings):
            found = _parsed(path)
            for part in key.split("."):
                found = found.get(part) if isinstance(found, dict) else None
            texts = found if isinstance(found, list) else [found]
            yield from ((path, one) for one in texts if isinstance(one, str))

    def _path(self, place: str, folder: Path) -> Path:
        text = _VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[2], place)
        return self._home / text[2:] if text.startswith("~/") else folder / text


def _parsed(path: Path) -> object:
    """Return the data of a settings file, which may be a stranger's; nothing if it does not parse."""
    text = text_of(path, _LARGEST_SETTINGS) or ""
    with suppress(ValueError, RecursionError):
        if path.suffix == ".toml":
            return tomllib.loads(text)
        return json.loads(_COMMA.sub("", _COMMENT.sub(lambda found: found[1] or "", text)))
    return None
