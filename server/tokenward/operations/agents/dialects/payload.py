"""Payload: the input of a hook, and the grammar in which most agents write it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tokenward.fast_dataclasses import dataclass
from tokenward.operations.agents.event import AgentEvent, EventKind, Json, names_command


class MalformedPayload(ValueError):
    """A hook's input is not what its agent sends."""


class Payload(dict[str, Json]):
    """An object in a hook's input. Its methods raise MalformedPayload unless they find what they look for."""

    def text(self, *names: str) -> str:
        """Return the text under the first of some names that is there."""
        found = next((self[name] for name in names if name in self), None)
        if not isinstance(found, str):
            raise MalformedPayload(names[0])
        return found

    def optional(self, *names: str) -> str:
        """Return the text under the first of some names that has a value; empty if none has."""
        found = next((self[name] for name in names if self.get(name) is not None), "")
        if not isinstance(found, str):
            raise MalformedPayload(names[0])
        return found

    def object(self, *names: str) -> Payload:
        """Return the object under the first of some names that is there; a text of JSON is read."""
        found = next((self[name] for name in names if name in self), None)
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except (ValueError, RecursionError):
                raise MalformedPayload(names[0]) from None
        if not isinstance(found, dict):
            raise MalformedPayload(names[0])
        return Payload(found)


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
        folder: the keys of the agent's folder.
        tool: the keys of the tool's name.
        server: the text between the name of a tool's server and its own; empty if its own is all there is.
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
    folder: tuple[str, ...] = ("cwd",)
    tool: tuple[str, ...] = ("tool_name",)
    server: str = ""
    arguments: tuple[str, ...] = ("tool_input",)
    result: str = "tool_response"
    may_lack_result: bool = False

    def parse(self, payload: Payload, name: str = "") -> AgentEvent:
        """Return the event that an input describes, which may be known by another name.

        Raises:
            MalformedPayload: it describes none.
        """
        name, folder = name or payload.text(*self.event), payload.optional(*self.folder)
        if not name:
            raise MalformedPayload(self.event[0])
        if name in {self.before, self.permission, self.after}:
            tool, arguments = payload.text(*self.tool), payload.object(*self.arguments)
            tool = tool.rpartition(self.server)[2] if self.server else tool
            if name != self.after:
                return tool_event(name, tool, arguments, self.tools, folder, can_rewrite=name == self.before)
            if self.result not in payload and not self.may_lack_result:
                raise MalformedPayload(self.result)
            output = payload.get(self.result)
            return AgentEvent(EventKind.RESULT, name, tool, folder, arguments=arguments, output=output)
        if name == self.prompt:
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=payload.text("prompt"))
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
