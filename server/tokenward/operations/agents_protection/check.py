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

from tokenward.operations.agents_protection.answers import GRAMMARS, Answered, Effect, read_answer
from tokenward.operations.agents_protection.probes import PROBES, Probe, filled
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
        tried = (
            self._tried(hook, probe)
            for hook in hooks
            for probe in PROBES[self.status.found.agent.dialect]
            if probe.surface is surface and probe.event.casefold() == hook.point.event.casefold()
        )
        untried = SurfaceStatus(surface, Level.RECORDED, NO_CHANGE, failed=False)
        return min(tried, key=lambda one: [*Level].index(one.level), default=untried)

    def _tried(self, hook: InstalledHook, probe: Probe) -> SurfaceStatus:
        gone = self._without_program(hook, probe)
        found = partial(SurfaceStatus, probe.surface, gone=gone)
        if failing := self._failing(probe, self._start(hook.command.words, self._input(hook, probe))):
            return found(*failing, failed=hook.point.can_stop)
        if self._stops_everything(hook, probe):
            return found(Level.BEST_EFFORT, "the hook stops what has no token too", failed=True)
        why = failure_words(self.status.found, hook)
        lets_through = why or gone is OnFailure.LETS_THROUGH
        return found(Level.BEST_EFFORT if lets_through else Level.ENFORCED, why, failed=False)

    def _failing(
        self, probe: Probe, done: subprocess.CompletedProcess[bytes] | None
    ) -> tuple[Level, str] | None:
        """Return the level of a hook that did not keep the token from the model, and why; None if it did."""
        if done is None:
            return Level.ABSENT, "the hook cannot be started"
        answer = self._read(probe, done)
        if answer.effect is Effect.FAILED:
            return Level.ABSENT, f"the hook failed with exit code {done.returncode}"
        if self.token.encode() in done.stdout + done.stderr:
            return Level.RECORDED, "the hook's answer repeats the token"
        if answer.effect is Effect.GOES_ON or self._leaks(probe, answer):
            return Level.RECORDED, "the token passed"
        return None

    def _stops_everything(self, hook: InstalledHook, probe: Probe) -> bool:
        """Return whether a hook also stops a harmless prompt or file, as one does that cannot do its work.

        Commands are not tried: where a hook cannot change them, it stops each that is not masked.
        """
        if probe.stage is not Stage.PROMPT and "<file>" not in str(probe.payload):
            return False
        done = self._start(hook.command.words, self._input(hook, probe, "Nothing to hide.", _HARMLESS))
        return done is None or self._read(probe, done).effect in {Effect.STOPS, Effect.FAILED}

    def _leaks(self, probe: Probe, answer: Answered) -> bool:
        """Return whether the token is in what the model would read; a new command is run to see its output."""
        if answer.effect is not Effect.CHANGES or probe.stage is not Stage.BEFORE:
            return answer.effect is Effect.CHANGES and self.token in answer.text
        shell = ["powershell", "-Command"] if sys.platform == "win32" else ["/bin/sh", "-c"]
        done = self._start([*shell, answer.text], b"")
        return done is None or self.token.encode() in done.stdout + done.stderr

    def _without_program(self, hook: InstalledHook, probe: Probe) -> OnFailure:
        """Return what the agent does if the program is not there, from how such a command really ends."""
        missing = replace(hook.command, program=str(self.folder / "gone" / "tokenward"))
        failure = failure_of(self.status.found, hook)
        if sys.platform == "win32":
            return failure
        done = self._start(["/bin/sh", "-c", missing.line], self._input(hook, probe))
        if done is not None and self._read(probe, done).effect is Effect.STOPS:
            return OnFailure.BLOCKS
        return OnFailure.LETS_THROUGH if failure is OnFailure.LETS_THROUGH else OnFailure.BLOCKS

    def _read(self, probe: Probe, done: subprocess.CompletedProcess[bytes]) -> Answered:
        grammar = GRAMMARS[self.status.found.agent.dialect]
        return read_answer(grammar, probe.stage, done.returncode, done.stdout, done.stderr)

    def _input(self, hook: InstalledHook, probe: Probe, text: str = "", name: str = _WITH_TOKEN) -> bytes:
        words = {
            "text": text or f"GITLAB_TOKEN={self.token}",
            "file": str(self.folder / name),
            "folder": str(self.folder),
            "command": f"{'type' if os.name == 'nt' else 'cat'} {name}",
            "event": hook.point.event,
        }
        return json.dumps(filled(probe.payload, words)).encode()

    def _start(self, words: list[str], given: bytes) -> subprocess.CompletedProcess[bytes] | None:
        try:
            return subprocess.run(
                words, cwd=self.folder, input=given, capture_output=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError):
            return None
