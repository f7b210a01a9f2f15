"""A moment in an agent's work at which its hook asks, and the decision, in the same words for every agent.

None of a decision's texts holds a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from tokenward.fast_dataclasses import dataclass

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class EventKind(StrEnum):
    """The kind of moment."""

    PROMPT = "prompt"
    SHELL = "shell"
    READ = "read"
    WRITE = "write"
    SEARCH = "search"
    CALL = "call"
    """Any other tool: an MCP server's, a web fetch or an unknown one."""
    RESULT = "result"
    FAILURE = "failure"
    CONFIGURATION = "configuration"
    NOTICE = "notice"
    """Nothing that could be allowed or denied."""


TOOL_KINDS = frozenset({EventKind.SHELL, EventKind.READ, EventKind.WRITE, EventKind.SEARCH, EventKind.CALL})
_COMMANDS = ("command", "cmd", "CommandLine", "command_line", "script", "chars")
_PATHS = (
    *("file_path", "path", "filePath", "AbsolutePath", "absolute_path", "notebook_path", "filepath"),
    *("target_file", "TargetFile", "paths", "SearchPath", "dir_path", "files", "operations", "include"),
)
_PATCHED = re.compile(r"^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$", re.MULTILINE)
"""The file of a part of a patch, as several agents write them."""
_MOST_PATHS = 50


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One event.

    Attributes:
        name: the agent's own name for it.
        tool: the tool's name, for everything about a tool.
        folder: the agent's current folder; empty if it does not say.
        output: the tool's result, of any shape.
        can_rewrite: the agent accepts another input for this very event.
        is_typed: a person may have entered the prompt.
        session: the name of the agent's session; empty if it does not say.
        transcript: the path of the file in which it keeps the session; empty if it does not say.
    """

    kind: EventKind
    name: str
    tool: str = ""
    folder: str = ""
    prompt: str = field(default="", repr=False)
    arguments: Mapping[str, Json] = field(default_factory=dict, repr=False)
    output: Json = field(default=None, repr=False)
    can_rewrite: bool = True
    is_typed: bool = True
    session: str = ""
    transcript: str = ""

    @property
    def command(self) -> str:
        """Return the command line that is about to run; empty if absent."""
        return next((text for name, text in self._commands()), "")

    @property
    def command_key(self) -> str:
        """Return the key of the input under which the command line is."""
        return next((name for name, _ in self._commands()), "")

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the files and folders that the tool's input names."""
        found = [one for name in _PATHS for one in _texts(self.arguments.get(name), _PATHS)]
        if self.kind is EventKind.WRITE:
            texts = [one for one in self.arguments.values() if isinstance(one, str)]
            found += [match[1].strip() for one in texts for match in _PATCHED.finditer(one)]
        return tuple(dict.fromkeys(found))[:_MOST_PATHS]

    def _commands(self) -> Iterator[tuple[str, str]]:
        for name in _COMMANDS:
            value = self.arguments.get(name)
            if isinstance(value, str) and value:
                yield name, value
            elif isinstance(value, list) and value and all(isinstance(word, str) for word in value):
                yield name, " ".join(map(str, value))


def names_command(arguments: Mapping[str, Json]) -> bool:
    """Return whether a tool's input has a command line, so that an unknown tool is a shell."""
    return any(isinstance(arguments.get(name), str | list) for name in _COMMANDS)


def texts_in(value: Json) -> Iterator[str]:
    """Yield every text in a value, the names of its fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from texts_in(one)


def _texts(value: Json, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, names)
    elif isinstance(value, dict):
        for name in names:
            yield from _texts(value.get(name), names)


@dataclass(frozen=True, slots=True)
class Allow:
    """Nothing changes."""


@dataclass(frozen=True, slots=True)
class Deny:
    """It does not happen.

    Attributes:
        for_model: why, and what to do instead.
        for_person: what was stopped, in one sentence.
        why: the same in a word, for the ledger.
        prompt: of a prompt, what the person may send instead; it holds no token.
    """

    for_model: str
    for_person: str
    why: str
    prompt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RewriteInput:
    """The tool runs with other arguments."""

    arguments: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RewritePrompt:
    """The prompt is sent with references in place of tokens."""

    prompt: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplaceOutput:
    """The model reads another result; with `was_read` it has read the real one, which can only be reported."""

    output: Json = field(repr=False)
    was_read: bool = False


Decision: TypeAlias = Allow | Deny | RewriteInput | RewritePrompt | ReplaceOutput
ALLOW = Allow()
