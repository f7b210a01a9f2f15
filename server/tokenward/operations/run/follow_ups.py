"""The start of the steps that are left after a move."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tokenward.errors import TokenwardError
from tokenward.fast_dataclasses import dataclass
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.credentials.git_helper import helpers_of
from tokenward.operations.programs import find_program
from tokenward.operations.run.repository_programs import is_repositorys
from tokenward.operations.use import Purpose, Use
from tokenward.rewriting.follow_up import FOLLOW_UPS, FollowUp

_REMOTE = re.compile(
    r"(?:https?://|ssh://|git@)(?:[^@/\s]+@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]+)?[:/]"
    r"((?:[A-Za-z0-9_.][\w.-]*/)+[A-Za-z0-9_.][\w.-]*?)(?:\.git)?/?\s*"
)
_CIRCLECI = {"github.com": "github", "bitbucket.org": "bitbucket"}
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ReadyStep:
    """A step that can be started in a workspace, and the words of its commands."""

    step: FollowUp
    commands: list[list[str]]

    def __str__(self) -> str:
        return " && ".join(map(shlex.join, self.commands))


def ready_step(folder: Path, step: FollowUp | None) -> ReadyStep | None:
    """Return what starts a step; None without one, its program or repository, or if the user's git asks others."""
    if step is None or _program(folder, step.program) is None:
        return None
    commands = step.words()
    if FOLLOW_UPS[step.program].variable is None:
        return ReadyStep(step, commands) if helpers_of(commands[-1][-2]) == [] else None
    places = _repository(folder)
    commands = [[places.get(word, word) for word in words] for words in commands]
    return ReadyStep(step, commands) if places and all(map(all, commands)) else None


def start_step(context: Context, folder: Path, ready: ReadyStep) -> None:
    """Start the commands of a step.

    Raises:
        TokenwardError: the value may not be given, or a command failed.
    """
    step, row = ready.step, FOLLOW_UPS[ready.step.program]
    program = _program(folder, step.program)
    if program is None:
        raise TokenwardError("{program} is no longer there; install it again.", program=step.program)
    if "{url}" in row.repository:
        # A stranger's repository may have named the host to get the value.
        _require_signed_in(program, step.program, str(urlsplit(ready.commands[-1][-1]).hostname))
    for words in ready.commands:
        use = Use.own(Purpose.RUN, Path(os.path.realpath(program)), tuple(words), editor=context.editor)
        value = "" if row.variable is None else resolve(context, folder, step.reference, use).reveal()
        environment = {**os.environ, step.filled(row.variable): value} if row.variable else None
        given = b"" if row.variable else value.encode()
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
                "`{command}` failed; sign in to it, or run it yourself to see why.", command=shlex.join(words)
            )


def _require_signed_in(program: str, name: str, host: str) -> None:
    """Raise if the user has no account at a host."""
    try:
        asked = [program, "auth", "status", "--hostname", host]
        is_known = subprocess.run(asked, capture_output=True, timeout=_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        is_known = False
    if not is_known:
        raise TokenwardError(
            "{name} is not signed in to {host}; if it is a host of yours, run `{name} auth login --hostname {host}`.",
            name=name, host=host,
        )  # fmt: skip


def _program(folder: Path, name: str) -> str | None:
    program = find_program(name)
    return None if program is None or is_repositorys(program, folder) else program


def _repository(folder: Path) -> dict[str, str]:
    """Return what the places of commands are in the repository that the remote `origin` names; nothing without one."""
    git, remote = _program(folder, "git"), ""
    if git:
        asked = [git, "config", "--get", "remote.origin.url"]
        remote = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False).stdout
    found = _REMOTE.fullmatch(remote)
    if found is None:
        return {}
    host, path = found.groups()
    organization, *_, project = path.split("/")
    vcs = _CIRCLECI.get(host, "")
    return {
        "{url}": f"https://{host}/{path}", "{repository}": path, "{vcs}": vcs, "{org}": organization,
        "{project}": project,
    }  # fmt: skip
