"""Payload: the input of a hook, and the grammar in which most agents write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from tokenward.operations.agents.event import AgentEvent, EventKind, Json, names_command
from tokenward.records import dataclass

Payload = Mapping[str, Json]


class MalformedPayload(ValueError):
    """A hook's input is not what its agent sends."""


@dataclass(frozen=True, slots=True)
class PayloadGrammar:
    """The names in the inputs of an agent that writes them as Claude Code does.

    Attributes:
        tools: the kinds of its tools; see `tools`.
        notices: the events about which nothing is decided, with spaces between them.
        before: the event of a tool that is about to run.
        permission: the event of a tool whose input cannot be changed any more; empty for none.
        after: the event of a tool that has run.
        prompt: the event of a prompt.
        event: the keys of the event's name.
        tool: the keys of the tool's name.
        arguments: the keys of the tool's input.
        result: the key of the tool's result.
        may_lack_result: a result may be absent.
    """

    tools: Mapping[str, EventKind]
    notices: str
    before: str = "PreToolUse"
    permission: str = ""
    after: str = "PostToolUse"
    prompt: str = "UserPromptSubmit"
    event: tuple[str, ...] = ("hook_event_name",)
    tool: tuple[str, ...] = ("tool_name",)
    arguments: tuple[str, ...] = ("tool_input",)
    result: str = "tool_response"
    may_lack_result: bool = False

    def parse(self, payload: Payload, name: str = "") -> AgentEvent:
        """Return the event that an input describes, which may be known by another name.

        Raises:
            MalformedPayload: it describes none.
        """
        name, folder = name or text(payload, *self.event), optional(payload, "cwd")
        if not name:
            raise MalformedPayload(self.event[0])
        if name in {self.before, self.permission}:
            arguments = mapping(payload, *self.arguments)
            can_rewrite = name == self.before
            tool = text(payload, *self.tool)
            return tool_event(name, tool, arguments, self.tools, folder, can_rewrite=can_rewrite)
        if name == self.after:
            arguments = mapping(payload, *self.arguments)
            if self.result not in payload and not self.may_lack_result:
                raise MalformedPayload(self.result)
            output = payload.get(self.result)
            return result_event(name, text(payload, *self.tool), output, folder, arguments=arguments)
        if name == self.prompt:
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=text(payload, "prompt"))
        if name in self.notices.split():
            return AgentEvent(EventKind.NOTICE, name)
        raise MalformedPayload(self.event[0])


def tools(*, shells: str, reads: str = "", writes: str = "", searches: str = "") -> dict[str, EventKind]:
    """Return the kinds of an agent's tools, whose names have spaces between them."""
    names = {
        EventKind.SHELL: shells,
        EventKind.READ: reads,
        EventKind.WRITE: writes,
        EventKind.SEARCH: searches,
    }
    return {tool: kind for kind, words in names.items() for tool in words.split()}


def text(payload: Payload, *names: str) -> str:
    """Return the text under the first of some names that is there.

    Raises:
        MalformedPayload: it is missing.
    """
    found = next((payload[name] for name in names if name in payload), None)
    if not isinstance(found, str):
        raise MalformedPayload(names[0])
    return found


def optional(payload: Payload, *names: str) -> str:
    """Return the text under the first of some names that is there; empty if none is.

    Raises:
        MalformedPayload: it is no text.
    """
    found = next((payload[name] for name in names if payload.get(name) is not None), "")
    if not isinstance(found, str):
        raise MalformedPayload(names[0])
    return found


def mapping(payload: Payload, *names: str) -> dict[str, Json]:
    """Return the object under the first of some names that is there; a text of JSON is read.

    Raises:
        MalformedPayload: it is missing.
    """
    found = next((payload[name] for name in names if name in payload), None)
    if isinstance(found, str):
        try:
            found = cast("Json", json.loads(found))
        except (ValueError, RecursionError):
            raise MalformedPayload(names[0]) from None
    if not isinstance(found, dict):
        raise MalformedPayload(names[0])
    return found


def tool_event(
    name: str,
    tool: str,
    arguments: dict[str, Json],
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


def result_event(
    name: str, tool: str, output: Json, folder: str, *, arguments: dict[str, Json], failed: bool = False
) -> AgentEvent:
    """Return the event of a tool that has run."""
    kind = EventKind.FAILURE if failed else EventKind.RESULT
    return AgentEvent(kind, name, tool, folder, arguments=arguments, output=output)
