"""Payload: the input of a hook, and the grammar in which its agent writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tokenward.fast_dataclasses import dataclass
from tokenward.operations.agents.event import AgentEvent, EventKind, Json, names_command

Keys = str | Sequence[str]
"""Where something is in an input: the keys to it with dots between them, or several such, of which the first counts."""


class MalformedPayload(ValueError):
    """A hook's input is not what its agent sends."""


class Payload(dict[str, Json]):
    """An object in a hook's input. Its methods raise MalformedPayload unless they find what they look for."""

    def text(self, places: Keys) -> str:
        """Return the text at the first of some places that is there; of a word after `=`, the word."""
        if isinstance(places, str) and places[:1] in ("=", ""):
            return places[1:]
        found = self._first(places)
        if not isinstance(found, str):
            raise MalformedPayload(places)
        return found

    def optional(self, places: Keys) -> str:
        """Return the text at the first of some places that has a value; empty if none has."""
        found = next((one for place in _each(places) if (one := self._at(place)) not in (None, ...)), "")
        if not isinstance(found, str):
            raise MalformedPayload(places)
        return found

    def object(self, places: Keys) -> Payload:
        """Return the object at the first of some places that is there; a text of JSON is read."""
        found = self._first(places)
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except (ValueError, RecursionError):
                raise MalformedPayload(places) from None
        if not isinstance(found, dict):
            raise MalformedPayload(places)
        return Payload(found)

    def value(self, places: Keys) -> Json:
        """Return what is at the first of some places that is there; None if none is and the last ends with `?`."""
        *_, last = _each(places)
        found = self._first(places)
        if found is not ...:
            value: Json = found
            return value
        if last.endswith("?"):
            return None
        raise MalformedPayload(places)

    def _first(self, places: Keys) -> Any:
        return next((found for place in _each(places) if (found := self._at(place)) is not ...), ...)

    def _at(self, place: str) -> Any:
        """Return what is at a place; an ellipsis if nothing is."""
        above, _, key = place.removesuffix("?").rpartition(".")
        return (self.object(above) if above else self).get(key, ...)


@dataclass(frozen=True, slots=True)
class PayloadGrammar:
    """Where things are in an agent's inputs; unless its row says otherwise, where Claude Code has them.

    Attributes:
        tools: the kinds of its tools.
        events: what each event is, by its name, with the places that differ. Its `kind` is an EventKind, or `tool` for
            whatever the tool is; `name`, if any, is the one under which it is answered; its input is `fixed` if none
            other is accepted; what it `needs` is a text, or else the input is malformed; `arguments` may be a table of
            texts.
        notices: the events about which nothing is decided.
        places: the defaults of all events. The name of a tool's server ends with `server`.
    """

    tools: Mapping[str, EventKind]
    events: Mapping[str, Mapping[str, Any]]
    notices: frozenset[str]
    places: Mapping[str, Any]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> PayloadGrammar:
        """Return the grammar of an agent's `hooks`."""
        kinds = {
            tool: EventKind(kind) for kind, names in table.get("tools", {}).items() for tool in names.split()
        }
        notices = frozenset(table.get("notices", "").split())
        return cls(kinds, table["events"], notices, {**_USUAL, **table.get("input", {})})

    def parse(self, payload: Payload) -> AgentEvent:
        """Convert an input.

        Raises:
            MalformedPayload: it describes no event.
        """
        written = payload.text(self.places["event"])
        if written in self.notices:
            return AgentEvent(EventKind.NOTICE, written)
        if written not in self.events:
            raise MalformedPayload("event")
        place = {**self.places, **self.events[written]}
        kind, name, folder = place["kind"], place.get("name", written), payload.optional(place["folder"])
        payload.text(place["needs"])
        if kind == EventKind.PROMPT:
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=payload.text(place["prompt"]))
        tool = payload.optional(place["tool"]) if "?" in place["tool"] else payload.text(place["tool"])
        tool = tool.rpartition(place["server"])[2] if place["server"] else tool
        can_rewrite = not place.get("fixed", False)
        if kind == "tool":
            arguments = payload.object(place["arguments"])
            return tool_event(name, tool, arguments, self.tools, folder, can_rewrite=can_rewrite)
        given, output = _arguments(payload, place["arguments"]), None
        if kind in (EventKind.RESULT, EventKind.FAILURE):
            output = payload.value(place["output"]) if place["output"] else None
        return AgentEvent(
            EventKind(kind), name, tool, folder, arguments=given, output=output, can_rewrite=can_rewrite
        )


_USUAL = {
    "event": "hook_event_name",
    "folder": "cwd",
    "tool": "tool_name",
    "server": "",
    "arguments": "tool_input",
    "output": "tool_response",
    "prompt": "prompt",
    "needs": "",
}


def tool_event(
    name: str,
    tool: str,
    arguments: Mapping[str, Json],
    kinds: Mapping[str, EventKind],
    folder: str,
    *,
    can_rewrite: bool = True,
) -> AgentEvent:
    """Return the event of a tool that is about to run; an unknown tool with a command line is a shell."""
    kind = kinds.get(tool)
    if kind is None:
        kind = EventKind.SHELL if names_command(arguments) else EventKind.CALL
    if kind is EventKind.SHELL and not AgentEvent(kind, name, arguments=arguments).command:
        kind = EventKind.CALL
    return AgentEvent(kind, name, tool, folder, arguments=arguments, can_rewrite=can_rewrite)


def _arguments(payload: Payload, place: Keys | Mapping[str, str]) -> Mapping[str, Json]:
    if isinstance(place, Mapping):
        return {key: payload.optional(one) if "?" in one else payload.text(one) for key, one in place.items()}
    return payload.object(place) if place else {}


def _each(places: Keys) -> Sequence[str]:
    return [places] if isinstance(places, str) else places
