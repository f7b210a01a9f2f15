"""check: sends a made-up token through the hooks that agents run, and reports from what came back.

Its inputs, and what an agent makes of the answers, are from the agent's dialect.
"""

from __future__ import annotations

import json
import os
import secrets
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.operations.agents.dialects.dialect import Dialect, all_dialects
from tokenward.operations.agents.event import AgentEvent, EventKind, Json
from tokenward.operations.agents_protection.protected_agent import HookPoint, OnFailure, Stage
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

_CHANGES = {Stage.BEFORE: "rewrite", Stage.AFTER: "replace", Stage.PROMPT: "prompt"}
_WORDS = ("<input>", "<output>", "<text>", "<prompt>")
_SESSION = {"session_id": "tokenward-check", "transcript_path": ""}
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


class Effect(Enum):
    """What an agent does after a hook."""

    GOES_ON = auto()
    STOPS = auto()
    CHANGES = auto()
    FAILED = auto()
    """What follows depends on the agent's rule for failures."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The effect of an answer, and with CHANGES the new command, output or prompt."""

    effect: Effect
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a hook is asked about: texts of a prompt or an output, a file that is read, a command that runs."""

    folder: str
    text: str
    file: str
    command: str


def payload_for(
    dialect: Dialect, point: HookPoint, surface: GuardedSurface, tried: Tried
) -> dict[str, Any] | None:
    """Return an agent's input about one surface at one of its hooks; None if it sends none there."""
    kinds = {GuardedSurface.PROMPT: {"prompt"}, GuardedSurface.READ: {"tool", "read"}}
    of_output = {"result"} if point.stage is Stage.AFTER else {"tool", "shell"}
    events = {name.casefold(): place for name, place in dialect.grammar.events.items()}
    place = {**dialect.grammar.places, **events.get(point.event.casefold(), {"kind": ""})}
    if place["kind"] not in kinds.get(surface, of_output):
        return None
    payload: dict[str, Any] = dict(_SESSION)
    about = {"prompt": tried.text} if place["kind"] == "prompt" else _of_tool(dialect, surface, tried)
    about |= {"output": tried.text} if place["kind"] == "result" else {}
    for key, value in {"event": point.event, "folder": tried.folder, **about}.items():
        _put(payload, place[key], value)
    return payload


def _of_tool(dialect: Dialect, surface: GuardedSurface, tried: Tried) -> dict[str, Any]:
    kind = dialect.reads_by if surface is GuardedSurface.READ else EventKind.SHELL
    key, word = ("file_path", tried.file) if kind is EventKind.READ else ("command", tried.command)
    tool = next((tool for tool, found in dialect.grammar.tools.items() if found == kind), "")
    return {"tool": tool, "arguments": {key: word}, "needs": word}


def _put(payload: dict[str, Any], places: Any, value: Any) -> None:
    """Put a value at the first of some places; of a table of texts, each at its own."""
    if isinstance(places, Mapping):
        for key, place in places.items():
            _put(payload, place, value.get(key, "") if isinstance(value, dict) else value)
        return
    place = places if isinstance(places, str) else places[0]
    if not place or place.startswith("="):
        return
    *above, key = place.removesuffix("?").split(".")
    for one in above:
        payload = payload.setdefault(one, {})
    payload[key] = {**payload.get(key, {}), **value} if isinstance(value, dict) else value


def read_answer(dialect: Dialect, stage: Stage, code: int, out: bytes, err: bytes) -> Answered:
    """Return what an agent does after a hook's exit code and outputs."""
    is_loud = dialect.loud_exits_deny and code > 1 and bool(out.strip() or err.strip())
    if is_loud or (code == 2 and (dialect.closed_by is None or dialect.code)):
        return Answered(Effect.STOPS)
    allowed = dialect.answers.get("allow", {})
    if not code and not out.strip() and "any" not in allowed:
        return Answered(Effect.GOES_ON)
    try:
        answer = None if code else json.loads(out)
    except ValueError:
        answer = None
    if answer is None:
        return Answered(Effect.FAILED)
    for template in dialect.answers.get(_CHANGES[stage], {}).values():
        changed = [found for word, found in _leaves(template, answer) if word in _WORDS and found is not None]
        if changed and _fits(template, answer):
            return Answered(Effect.CHANGES, _text(changed[0]))
    denials = [*dialect.answers.get("deny", {}).values(), dialect.closed_by]
    is_denial = any(one is not None and _fits(one, answer) for one in denials)
    return Answered(Effect.STOPS if is_denial else Effect.GOES_ON)


def _fits(template: Json, answer: Any) -> bool:
    """Return whether an answer has all that a template says literally; without such, some of its words."""
    leaves = [*_leaves(template, answer)]
    literal = [(one, found) for one, found in leaves if not (isinstance(one, str) and one.startswith("<"))]
    if literal:
        return all(one == found for one, found in literal)
    return any(found is not None for _, found in leaves)


def _leaves(template: Json, answer: Any) -> Iterator[tuple[Json, Any]]:
    """Yield each value of a template that is no object, with what an answer has there."""
    if not isinstance(template, dict):
        yield template, answer
        return
    for key, one in template.items():
        yield from _leaves(one, answer.get(key) if isinstance(answer, dict) else None)


def _text(changed: Any) -> str:
    if isinstance(changed, dict):
        command = AgentEvent(EventKind.SHELL, "", arguments=changed).command
        return command or json.dumps(changed)
    return str(changed)
