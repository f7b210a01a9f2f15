"""Dialect: how one agent's hooks ask and are answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Flag, auto
from types import MappingProxyType

from tokenward.fast_dataclasses import dataclass
from tokenward.operations.agents.decision import (
    Allow,
    Decision,
    Deny,
    ReplaceOutput,
    RewriteInput,
    RewritePrompt,
)
from tokenward.operations.agents.dialects.payload import MalformedPayload, Payload
from tokenward.operations.agents.event import AgentEvent, EventKind, Json

Answers = Mapping[str, Json]
EMPTY: Answers = MappingProxyType({})
MOST_BYTES = 33_554_432
"""The longest input that is read."""


class Ability(Flag):
    """Something that an agent lets a hook do."""

    NONE = 0
    REWRITE_PROMPT = auto()
    REWRITE_INPUT = auto()
    REPLACE_OUTPUT = auto()
    REPLACE_FAILURE = auto()
    """The text of a failed tool."""
    REPORT_FAILURE = auto()
    """Say that the text of a failed tool, which the model reads, holds a token."""
    REPLACE_MCP_OUTPUT = auto()
    """Of tools of MCP servers alone."""
    STOP_RESULT = auto()
    """End the work before the model reads the result of a tool."""
    NAMES_SHELL = auto()
    """Its settings name what starts its shell."""
    COMPARE_WORDS = auto()
    """Its user's rules for commands see no command in a longer line."""


def can_replace(event: AgentEvent, abilities: Ability) -> bool:
    """Return whether an agent lets a hook replace the text of a tool that has run."""
    if event.kind is EventKind.FAILURE:
        return Ability.REPLACE_FAILURE in abilities
    is_mcp = event.tool.casefold().startswith("mcp")
    return Ability.REPLACE_OUTPUT in abilities or (is_mcp and Ability.REPLACE_MCP_OUTPUT in abilities)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the hook's process leaves: its exit code and what it prints."""

    code: int = 0
    out: str = ""
    err: str = ""


def exit_two(reason: str) -> HookAnswer:
    """Return the answer that most agents take as a denial of anything: exit code 2 and a reason."""
    return HookAnswer(2, "", reason)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One agent.

    Attributes:
        name: as the hook's command names it.
        agent: as people write it.
        version: the release of the agent in which this was read.
        source: where it was read.
        abilities: what a hook may do besides denying.
        settings: the ends of paths of the files and folders that configure its hooks.
        parse: converts an input; raises MalformedPayload.
        render: converts a decision about an event.
        closed: returns the answer that denies whatever the event is.
    """

    name: str
    agent: str
    version: str
    source: str
    abilities: Ability
    settings: tuple[str, ...]
    parse: Callable[[Payload], AgentEvent]
    render: Callable[[AgentEvent, Decision], HookAnswer]
    closed: Callable[[str], HookAnswer] = exit_two


def parse_text(dialect: Dialect, data: bytes) -> AgentEvent:
    """Convert the bytes of a hook's input.

    Raises:
        MalformedPayload: they are not what the agent sends.
    """
    if len(data) > MOST_BYTES:
        raise MalformedPayload("too long")
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError):
        raise MalformedPayload("no JSON") from None
    if not isinstance(payload, dict):
        raise MalformedPayload("no object")
    event = dialect.parse(Payload(payload))
    if event.kind is not EventKind.PROMPT:
        return event
    session, transcript = (payload.get(name) for name in ("session_id", "transcript_path"))
    return replace(event, session=str(session or ""), transcript=str(transcript or ""))


def specific(**fields: Json) -> dict[str, Json]:
    """Return an answer that several agents want inside the event's own object."""
    return {"hookSpecificOutput": {"hookEventName": "<event>", **fields}}


def answer_json(answer: Json, code: int = 0, err: str = "") -> HookAnswer:
    """Return an answer whose text is JSON, readable in any encoding."""
    return HookAnswer(code, json.dumps(answer), err)


def answering(
    closed: Callable[[str], HookAnswer] = exit_two,
    *,
    allow: Answers = EMPTY,
    deny: Answers = EMPTY,
    rewrite: Answers = EMPTY,
    replace: Answers = EMPTY,
    prompt: Answers = EMPTY,
) -> Callable[[AgentEvent, Decision], HookAnswer]:
    """Return the function that answers in an agent's grammar.

    Each mapping has the answer by the event's name, by its kind, or under an empty name for any other event. In its
    JSON, `<event>`, `<reason>` (for the model), `<message>` (for the person), `<input>`, `<output>`, `<text>` (the
    output as one text) and `<prompt>` stand for what was decided. Without an answer, an event is allowed by silence and
    denied by `closed`, and so is one whose text the agent does not let a hook change.
    """

    def render(event: AgentEvent, decision: Decision) -> HookAnswer:
        match decision:
            case Allow():
                found = _answer(allow, event, {})
                return HookAnswer() if found is None else answer_json(found)
            case Deny(for_model, for_person):
                reason = for_model or f"{event.name} is denied."
                found = _answer(deny, event, {"<reason>": reason, "<message>": for_person})
                why = for_person if event.kind is EventKind.PROMPT else reason
                return closed(why) if found is None else answer_json(found)
            case RewriteInput(arguments):
                found = _answer(rewrite, event, {"<input>": dict(arguments)})
            case ReplaceOutput(output):
                whole = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
                found = _answer(replace, event, {"<output>": output, "<text>": whole or "No output."})
            case RewritePrompt(text_of_prompt):
                found = _answer(prompt, event, {"<prompt>": text_of_prompt})
        return closed(f"{event.name} takes no other text.") if found is None else answer_json(found)

    return render


def _answer(answers: Answers, event: AgentEvent, words: dict[str, Json]) -> Json:
    """Return the answer to an event with its words in place, or None."""
    words["<event>"] = event.name

    def filled(value: Json) -> Json:
        if isinstance(value, dict):
            return {name: filled(one) for name, one in value.items()}
        return words.get(value, value) if isinstance(value, str) else value

    keys = (event.name, event.kind.value, "")
    return filled(next((answers[key] for key in keys if key in answers), None))


def withheld(event: AgentEvent, sentence: str) -> ReplaceOutput:
    """Return a result of the same shape in which no text is left."""
    return ReplaceOutput(mapped(event.output, lambda _: "", first=sentence))


def mapped(value: Json, change: Callable[[str], str], first: str | None = None) -> Json:
    """Return a value of the same shape with each text changed; `first`, if any, replaces the first one."""
    left = [] if first is None else [first]

    def convert(one: Json) -> Json:
        if isinstance(one, str):
            return left.pop() if left else change(one)
        if isinstance(one, list):
            return [convert(each) for each in one]
        if isinstance(one, dict):
            return {name: convert(each) for name, each in one.items()}
        return one

    return convert(value)
