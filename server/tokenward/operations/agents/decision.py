"""The decisions about an event, in the same words for every agent. None of their texts holds a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from tokenward.fast_dataclasses import dataclass
from tokenward.operations.agents.event import Json


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
