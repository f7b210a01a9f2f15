"""Reads what a hook's process left as its agent reads it; the agents' side of the dialects, written apart from ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from tokenward.operations.agents_protection.protected_agent import Stage
from tokenward.rewriting.settings_files.setting_entry import at

Path = tuple[str, ...]


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
class AnswerGrammar:
    """How one agent reads answers.

    Attributes:
        denials: where a denial is in the JSON, and the values that are one; none for any value.
        command: where a new command is.
        output: where a new output is.
        prompt: where a new prompt is.
        reason_replaces: the reason of a denial replaces the output.
        silent_is_failure: an empty answer counts as a failure.
        exits: the exit codes that deny; those of others fail.
        plain_denies: so does any higher code with a text.
    """

    denials: tuple[tuple[Path, tuple[object, ...]], ...] = ()
    command: Path = ()
    output: Path = ()
    prompt: Path = ()
    reason_replaces: bool = False
    silent_is_failure: bool = False
    exits: tuple[int, ...] = (2,)
    plain_denies: bool = False


_SPECIFIC = "hookSpecificOutput"
_CLAUDE_DENIALS = (((_SPECIFIC, "permissionDecision"), ("deny",)), (("decision",), ("block",)))
_DECISION = ((("decision",), ("deny", "block")),)
_UPDATED = (_SPECIFIC, "updatedInput", "command")

GRAMMARS: Mapping[str, AnswerGrammar] = {
    "claude-code": AnswerGrammar(_CLAUDE_DENIALS, _UPDATED, (_SPECIFIC, "updatedToolOutput")),
    "codex": AnswerGrammar(_CLAUDE_DENIALS, _UPDATED, reason_replaces=True),
    "cursor": AnswerGrammar(
        ((("permission",), ("deny",)), (("continue",), (False,))),
        ("updated_input", "command"),
        silent_is_failure=True,
    ),
    "copilot-cli": AnswerGrammar(
        ((("permissionDecision",), ("deny",)), (("decision",), ("block",))),
        ("modifiedArgs", "command"),
        ("modifiedResult", "textResultForLlm"),
        ("modifiedPrompt",),
    ),
    "vscode": AnswerGrammar((*_CLAUDE_DENIALS, (("continue",), (False,))), _UPDATED),
    "gemini-cli": AnswerGrammar(
        _DECISION, (_SPECIFIC, "tool_input", "command"), reason_replaces=True, plain_denies=True
    ),
    "antigravity": AnswerGrammar(_DECISION, ("overwrite", "CommandLine")),
    "vibe": AnswerGrammar(
        _DECISION, ("hook_specific_output", "tool_input", "command"), reason_replaces=True, exits=()
    ),
    "goose": AnswerGrammar(((("decision",), ("block",)),)),
    "cline": AnswerGrammar(((("cancel",), (True,)),), exits=()),
    "kiro": AnswerGrammar(),
    "devin": AnswerGrammar(),
    "junie": AnswerGrammar((*_CLAUDE_DENIALS, *_DECISION), _UPDATED),
    "opencode": AnswerGrammar(
        ((("deny",), ()),), ("args", "command"), ("output",), ("text",), silent_is_failure=True, exits=()
    ),
}
"""By dialect. Sources are those of the agents' rows."""


def read_answer(grammar: AnswerGrammar, stage: Stage, code: int, out: bytes, err: bytes) -> Answered:
    """Return what an agent does after an exit code and outputs of a hook."""
    if code in grammar.exits or (grammar.plain_denies and code > 1 and (out.strip() or err.strip())):
        return Answered(Effect.STOPS)
    if not code and not out.strip() and not grammar.silent_is_failure:
        return Answered(Effect.GOES_ON)
    try:
        answer = None if code else json.loads(out)
    except ValueError:
        answer = None
    return Answered(Effect.FAILED) if answer is None else _read_json(grammar, stage, answer)


def _read_json(grammar: AnswerGrammar, stage: Stage, answer: object) -> Answered:
    for path, values in grammar.denials:
        found = at(answer, path)
        if found is not None and (not values or found in values):
            is_replaced = stage is Stage.AFTER and grammar.reason_replaces
            reason = str(at(answer, ("reason",)) or "")
            return Answered(Effect.CHANGES, reason) if is_replaced else Answered(Effect.STOPS)
    place = {Stage.BEFORE: grammar.command, Stage.AFTER: grammar.output, Stage.PROMPT: grammar.prompt}[stage]
    changed = at(answer, place) if place else None
    if changed is None:
        return Answered(Effect.GOES_ON)
    return Answered(Effect.CHANGES, changed if isinstance(changed, str) else json.dumps(changed))
