"""The steps left after a move that are commands of git, gh, glab, circleci or az, and their start."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from tokenward.errors import TokenwardError
from tokenward.model import Reference
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.credentials.git_helper import helpers_of
from tokenward.operations.programs import find_program
from tokenward.operations.run.repository_programs import is_repositorys
from tokenward.operations.use import Purpose, Use
from tokenward.records import dataclass
from tokenward.rewriting.readers.table import READERS

_COMMAND = re.compile(
    r"`(?:tokenward get \w+ (?P<by_pipe>\|) |(?P<variable>\w+)=\$\(tokenward get \w+\) )?"
    r"(?P<commands>(?:git config|gh|glab|circleci|az) [^`]+)`"
)
_FILLED = {"NAME": r"\w+", "OWN": r"\w+", "LOGIN_URL": r"https?://[\w.:\[\]-]+"}
"""The words that a move fills in, and what may take their places."""
_REMOTE = re.compile(
    r"(?:https?://|ssh://|git@)(?:[^@/\s]+@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]+)?[:/]"
    r"((?:[A-Za-z0-9_.][\w.-]*/)+[A-Za-z0-9_.][\w.-]*?)(?:\.git)?/?\s*"
)
_CIRCLECI = {"github.com": "github", "bitbucket.org": "bitbucket"}
_WITH_HOSTS = ("gh", "glab")
"""The programs that take any host."""
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class LeftStep:
    """A step.

    Attributes:
        text: the sentence that has the commands.
        commands: their words, in order.
        reference: whose value the last command gets; None if it gets none.
        variable: by which it gets the value; empty if it reads its stdin.
    """

    text: str
    commands: tuple[tuple[str, ...], ...]
    reference: Reference | None
    variable: str = ""

    def __str__(self) -> str:
        return " && ".join(shlex.join(words) for words in self.commands)


def left_steps(folder: Path, texts: Mapping[str, Reference]) -> Iterator[LeftStep]:
    """Yield those of the steps left in a workspace that can be started here."""
    for text, reference in texts.items():
        # Other steps name files, and a stranger's folder may be called like a command.
        found = (
            _COMMAND.search(text) if any(step.fullmatch(text) for step in _steps_with_commands()) else None
        )
        commands = tuple(map(_words, found["commands"].split(" && "))) if found else ()
        if not found or _program(folder, commands[0][0]) is None:
            continue
        has_value = bool(found["by_pipe"] or found["variable"])
        if has_value:
            commands = tuple(_in_repository(folder, words) for words in commands)
        elif helpers_of(commands[0][-2]) != []:
            # The user has other helpers for this URL.
            continue
        if all(commands):
            yield LeftStep(text, commands, reference if has_value else None, found["variable"] or "")


@cache
def _steps_with_commands() -> list[re.Pattern[str]]:
    steps = {place.after for reader in READERS for place in reader.places if _COMMAND.search(place.after)}
    return [
        re.compile(re.sub("|".join(_FILLED), lambda word: _FILLED[word[0]], re.escape(step)))
        for step in steps
    ]


def start_step(context: Context, folder: Path, step: LeftStep) -> None:
    """Start the commands of a step.

    Raises:
        TokenwardError: the value may not be given, or a command failed.
    """
    for words in step.commands:
        program = _program(folder, words[0])
        if program is None:
            raise TokenwardError(f"{words[0]} is no longer there; install it again.")
        if words[0] in _WITH_HOSTS:
            _require_signed_in(program, words[0], str(urlsplit(words[-1]).hostname))
        use = Use.own(Purpose.RUN, Path(os.path.realpath(program)), words)
        value = resolve(context, folder, step.reference, use).reveal() if step.reference else ""
        environment = {**os.environ, step.variable: value} if step.variable else None
        given = b"" if step.variable else value.encode()
        try:
            done = subprocess.run(
                [program, *words[1:]], cwd=folder, env=environment, input=given, capture_output=True,
                timeout=_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            done = None
        # circleci asks before it replaces a variable, and ends so without an answer.
        if done is None or done.returncode or b"Canceled" in done.stdout:
            raise TokenwardError(
                f"`{shlex.join(words)}` failed; sign in to it, or run it yourself to see why."
            )


def _require_signed_in(program: str, name: str, host: str) -> None:
    """Raise if the user has no account at a host, which a stranger's repository may have named to get the value."""
    try:
        asked = [program, "auth", "status", "--hostname", host]
        is_known = subprocess.run(asked, capture_output=True, timeout=_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        is_known = False
    if not is_known:
        raise TokenwardError(
            f"{name} is not signed in to {host}; if it is a host of yours, run `{name} auth login --hostname {host}`."
        )


def _words(command: str) -> tuple[str, ...]:
    return tuple(shlex.split(command))


def _program(folder: Path, name: str) -> str | None:
    program = find_program(name)
    return None if program is None or is_repositorys(program, folder) else program


def _in_repository(folder: Path, words: Sequence[str]) -> tuple[str, ...]:
    """Return a command with the repository that the remote `origin` names; empty without one."""
    git, remote = _program(folder, "git"), ""
    if git:
        asked = [git, "config", "--get", "remote.origin.url"]
        remote = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False).stdout
    found = _REMOTE.fullmatch(remote)
    if found is None:
        return ()
    host, path = found.groups()
    if words[0] in _WITH_HOSTS:
        return (*words, "--repo", f"https://{host}/{path}")
    organization, *_, project = path.split("/")
    places = {"{vcs}": _CIRCLECI.get(host, ""), "{org}": organization, "{project}": project}
    filled = tuple(places.get(word, word) for word in words)
    return filled if all(filled) else ()
