"""check: sends a made-up token through the hooks that agents run, and reports from what came back."""

from __future__ import annotations

import json
import os
import secrets
import string
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tokenward.operations.agents.dialects.dialect import Dialect, all_dialects
from tokenward.operations.agents.event import EventKind
from tokenward.operations.agents_protection.probes import Answered, Effect, Tried, payload_for, read_answer
from tokenward.operations.agents_protection.protected_agent import OnFailure, Stage
from tokenward.operations.agents_protection.survey import (
    HOOKED_SURFACES,
    NO_CHANGE,
    AgentStatus,
    GuardedSurface,
    InstalledHook,
    Level,
    SurfaceStatus,
    absent,
    failure_of,
    failure_words,
    hooks_at,
    untrusted,
)

_SECONDS = 60
_WITH_TOKEN, _HARMLESS = "settings.txt", "notes.txt"
_ALPHABET = string.ascii_letters + string.digits


def check(status: AgentStatus, program: str) -> AgentStatus:
    """Return the status of an agent with what each surface is worth.

    Only this program's own hooks are started, because a repository could name any other.
    """
    if not status.found.agent.points:
        return status
    with tempfile.TemporaryDirectory(prefix="tokenward-check-") as folder:
        trial = _Trial(status, Path(folder), canary())
        tried = [
            trial.on(surface, hooks_at(status.found, status.hooks, surface, program))
            for surface in HOOKED_SURFACES
        ]
    others = (one for one in status.surfaces if one.surface not in HOOKED_SURFACES)
    return replace(status, surfaces=(*tried, *others))


def canary() -> str:
    """Return a made-up token of a form that is known to be a token's, and that nobody was ever given."""
    return "-".join(("glpat", "".join(secrets.choice(_ALPHABET) for _ in range(20))))


@dataclass(slots=True)
class _Trial:
    """The trial of one agent's hooks with one token."""

    status: AgentStatus
    folder: Path
    token: str

    def __post_init__(self) -> None:
        (self.folder / _WITH_TOKEN).write_text(f"GITLAB_TOKEN={self.token}\n", encoding="utf-8")
        (self.folder / _HARMLESS).write_text("Nothing to hide.\n", encoding="utf-8")

    def on(self, surface: GuardedSurface, hooks: list[InstalledHook]) -> SurfaceStatus:
        """Return what a surface is worth: the best that one of its hooks does."""
        if not hooks:
            found = absent(self.status.found, surface)
            return replace(found, failed=not found.why)
        if not self.status.is_trusted:
            return replace(untrusted(surface), gone=OnFailure.LETS_THROUGH, failed=True)
        tried = (self._tried(hook, surface) for hook in hooks if self._input(hook, surface))
        untried = SurfaceStatus(surface, Level.RECORDED, NO_CHANGE, failed=False)
        return min(tried, key=lambda one: [*Level].index(one.level), default=untried)

    def _tried(self, hook: InstalledHook, surface: GuardedSurface) -> SurfaceStatus:
        gone = self._without_program(hook, surface)
        found = partial(SurfaceStatus, surface, gone=gone)
        if failing := self._failing(hook, surface):
            return found(*failing, failed=hook.point.can_stop)
        if self._stops_everything(hook, surface):
            return found(Level.BEST_EFFORT, "the hook stops what has no token too", failed=True)
        why = failure_words(self.status.found, hook)
        lets_through = why or gone is OnFailure.LETS_THROUGH
        return found(Level.BEST_EFFORT if lets_through else Level.ENFORCED, why, failed=False)

    def _failing(self, hook: InstalledHook, surface: GuardedSurface) -> tuple[Level, str] | None:
        """Return the level of a hook that did not keep the token from the model, and why; None if it did."""
        done = self._start(hook.command.words, self._input(hook, surface))
        if done is None:
            return Level.ABSENT, "the hook cannot be started"
        answer = self._read(hook, done)
        if answer.effect is Effect.FAILED:
            return Level.ABSENT, f"the hook failed with exit code {done.returncode}"
        if self.token.encode() in done.stdout + done.stderr:
            return Level.RECORDED, "the hook's answer repeats the token"
        if answer.effect is Effect.GOES_ON or self._leaks(hook, answer):
            return Level.RECORDED, "the token passed"
        return None

    def _stops_everything(self, hook: InstalledHook, surface: GuardedSurface) -> bool:
        """Return whether a hook also stops a harmless prompt or file, as one does that cannot do its work.

        Commands are not tried: where a hook cannot change them, it stops each that is not masked.
        """
        is_command = surface is GuardedSurface.READ and self._dialect.reads_by is EventKind.SHELL
        if surface is GuardedSurface.OUTPUT or is_command:
            return False
        done = self._start(hook.command.words, self._input(hook, surface, "Nothing to hide.", _HARMLESS))
        return done is None or self._read(hook, done).effect in {Effect.STOPS, Effect.FAILED}

    def _leaks(self, hook: InstalledHook, answer: Answered) -> bool:
        """Return whether the token is in what the model would read; a new command is run to see its output."""
        if answer.effect is not Effect.CHANGES or hook.point.stage is not Stage.BEFORE:
            return answer.effect is Effect.CHANGES and self.token in answer.text
        shell = ["powershell", "-Command"] if sys.platform == "win32" else ["/bin/sh", "-c"]
        done = self._start([*shell, answer.text], b"")
        return done is None or self.token.encode() in done.stdout + done.stderr

    def _without_program(self, hook: InstalledHook, surface: GuardedSurface) -> OnFailure:
        """Return what the agent does if the program is not there, from how such a command really ends."""
        missing = replace(hook.command, program=str(self.folder / "gone" / "tokenward"))
        failure = failure_of(self.status.found, hook)
        if sys.platform == "win32":
            return failure
        done = self._start(["/bin/sh", "-c", missing.line], self._input(hook, surface))
        if done is not None and self._read(hook, done).effect is Effect.STOPS:
            return OnFailure.BLOCKS
        return OnFailure.LETS_THROUGH if failure is OnFailure.LETS_THROUGH else OnFailure.BLOCKS

    @property
    def _dialect(self) -> Dialect:
        return all_dialects()[self.status.found.agent.dialect]

    def _read(self, hook: InstalledHook, done: subprocess.CompletedProcess[bytes]) -> Answered:
        return read_answer(self._dialect, hook.point.stage, done.returncode, done.stdout, done.stderr)

    def _input(
        self, hook: InstalledHook, surface: GuardedSurface, text: str = "", name: str = _WITH_TOKEN
    ) -> bytes:
        """Return what the agent sends to a hook about a surface; nothing if it sends nothing there."""
        tried = Tried(
            folder=str(self.folder),
            text=text or f"GITLAB_TOKEN={self.token}",
            file=str(self.folder / name),
            command=f"{'type' if os.name == 'nt' else 'cat'} {name}",
        )
        payload = payload_for(self._dialect, hook.point, surface, tried)
        return json.dumps(payload).encode() if payload else b""

    def _start(self, words: list[str], given: bytes) -> subprocess.CompletedProcess[bytes] | None:
        try:
            return subprocess.run(
                words, cwd=self.folder, input=given, capture_output=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError):
            return None
