"""Dialect: how one agent's hooks ask and are answered; the `hooks` of its row in the catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Flag, auto
from functools import cache, reduce
from operator import or_
from typing import Any

from tokenward.catalog.rows import rows
from tokenward.fast_dataclasses import dataclass
from tokenward.operations.agents.dialects import special
from tokenward.operations.agents.dialects.payload import MalformedPayload, Payload, PayloadGrammar
from tokenward.operations.agents.event import (
    AgentEvent,
    Allow,
    Decision,
    Deny,
    EventKind,
    Json,
    ReplaceOutput,
    RewriteInput,
    RewritePrompt,
)

Templates = Mapping[str, Json]
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
    """One agent's hooks.

    Attributes:
        name: as the hook's command names it, and its row.
        agent: as people write it.
        version: the release of the agent in which this was read.
        source: where it was read.
        abilities: what a hook may do besides denying.
        settings: the ends of paths of the files and folders that configure its hooks.
        grammar: in which it asks.
        answers: by the kind of a decision, then by the event's name, its kind, or `any`. In its JSON, `<event>`,
            `<reason>` (for the model), `<message>` (for the person), `<input>`, `<output>`, `<text>` (the output as one
            text) and `<prompt>` stand for what was decided; a text alone is a denial. Without an answer, an event is
            allowed by silence and denied as if by `closed`, and so is one whose text no hook may change.
        closed_by: the JSON that denies whatever the event is; None for an exit code of 2 and the reason, as most agents
            take it.
        code: the exit code with that JSON.
        loud_exits_deny: an exit code above 1 with any text denies.
        reads_by: the kind of the tools by which it usually reads a file.
        before: changes an input, as the agent's version in `special` does.
        after: changes an event.
        answer: changes a decision.
    """

    name: str
    agent: str
    version: str
    source: str
    abilities: Ability
    settings: tuple[str, ...]
    grammar: PayloadGrammar
    answers: Mapping[str, Templates]
    closed_by: Json
    code: int
    loud_exits_deny: bool
    reads_by: EventKind
    before: Callable[[Payload], Payload]
    after: Callable[[AgentEvent, Payload], AgentEvent]
    answer: Callable[[AgentEvent, Decision], Decision]

    def parse(self, payload: Payload) -> AgentEvent:
        """Convert an input; MalformedPayload if it describes no event."""
        changed = self.before(payload)
        return self.after(self.grammar.parse(changed), changed)

    def closed(self, reason: str) -> HookAnswer:
        """Return the answer that denies whatever the event is."""
        if self.closed_by is None:
            return exit_two(reason)
        return _json(_filled(self.closed_by, {"<reason>": reason}), self.code, reason if self.code else "")

    def render(self, event: AgentEvent, decision: Decision) -> HookAnswer:
        """Convert a decision about an event."""
        match self.answer(event, decision):
            case Allow():
                return self._rendered("allow", event, {}) or HookAnswer()
            case Deny(for_model, for_person):
                reason = for_model or f"{event.name} is denied."
                why = for_person if event.kind is EventKind.PROMPT else reason
                words: dict[str, Json] = {"<reason>": reason, "<message>": for_person}
                return self._rendered("deny", event, words) or self.closed(why)
            case RewriteInput(arguments):
                found = self._rendered("rewrite", event, {"<input>": dict(arguments)})
            case ReplaceOutput(output):
                whole = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
                found = self._rendered(
                    "replace", event, {"<output>": output, "<text>": whole or "No output."}
                )
            case RewritePrompt(text):
                found = self._rendered("prompt", event, {"<prompt>": text})
        return found or self.closed(f"{event.name} takes no other text.")

    def _rendered(self, kind: str, event: AgentEvent, words: dict[str, Json]) -> HookAnswer | None:
        templates = self.answers.get(kind, {})
        keys = (event.name, event.kind.value, "any")
        template = next((templates[key] for key in keys if key in templates), None)
        if template is None:
            return None
        if isinstance(template, str):
            return exit_two(template)
        return _json(_filled(template, {**words, "<event>": event.name}))


@cache
def all_dialects() -> Mapping[str, Dialect]:
    """Return every dialect by its name."""
    tables = rows("agents")
    return {name: _dialect(name, row, tables) for name, row in tables.items() if "hooks" in row}


def dialect_named(name: str) -> Dialect | None:
    """Return a dialect, or None."""
    return all_dialects().get(name)


def _dialect(name: str, row: Mapping[str, Any], tables: Mapping[str, Any]) -> Dialect:
    like = row["hooks"].get("like")
    table = {**(tables[like]["hooks"] if like else {}), **row["hooks"]}
    return Dialect(
        name=name,
        agent=row["name"],
        version=table["version"],
        source=table["source"],
        abilities=reduce(or_, (Ability[one.upper()] for one in table["abilities"]), Ability.NONE),
        settings=tuple(table["settings"]),
        grammar=PayloadGrammar.of(table),
        answers=table.get("answers", {}),
        closed_by=table.get("closed"),
        code=table.get("exit", 0),
        loud_exits_deny=table.get("loud_exits_deny", False),
        reads_by=EventKind(table.get("reads_by", "read")),
        before=_special(table, "before") or (lambda payload: payload),
        after=_special(table, "after") or (lambda event, _payload: event),
        answer=_special(table, "answer") or (lambda _event, decision: decision),
    )


def _special(table: Mapping[str, Any], when: str) -> Callable[..., Any] | None:
    found: Callable[..., Any] | None = getattr(special, table[when]) if when in table else None
    return found


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


def _json(answer: Json, code: int = 0, err: str = "") -> HookAnswer:
    """Return an answer whose text is JSON, readable in any encoding."""
    return HookAnswer(code, json.dumps(answer), err)


def _filled(value: Json, words: Mapping[str, Json]) -> Json:
    if isinstance(value, dict):
        return {name: _filled(one, words) for name, one in value.items()}
    return words.get(value, value) if isinstance(value, str) else value


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
