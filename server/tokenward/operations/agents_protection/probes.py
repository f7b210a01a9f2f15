"""The inputs by which a check tries an agent's hooks, and what the agent makes of their answers, from its dialect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from tokenward.operations.agents.dialects.dialect import Dialect
from tokenward.operations.agents.event import AgentEvent, EventKind, Json
from tokenward.operations.agents_protection.protected_agent import HookPoint, Stage
from tokenward.operations.agents_protection.survey import GuardedSurface

_CHANGES = {Stage.BEFORE: "rewrite", Stage.AFTER: "replace", Stage.PROMPT: "prompt"}
_WORDS = ("<input>", "<output>", "<text>", "<prompt>")
_SESSION = {"session_id": "tokenward-check", "transcript_path": ""}


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
