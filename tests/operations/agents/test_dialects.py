"""Every agent's hook is answered in its own grammar, and nothing malformed opens."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import tokens
from examples import fewer
from guarded_workspace import PROGRAM
from hook_inputs import CLOSED, INPUTS, Effect, HookInput, effect
from tokenward.operations.agents.answer import HookRun, closed_answer
from tokenward.operations.agents.dialects.dialect import (
    Ability,
    Dialect,
    HookAnswer,
    all_dialects,
    dialect_named,
    parse_text,
)
from tokenward.operations.agents.event import ALLOW, EventKind
from tokenward.operations.agents.workspace_facts import WorkspaceFacts

TOKEN = tokens.github("agent")
EACH = pytest.mark.parametrize("one", INPUTS, ids=[one.name for one in INPUTS])
FIXED = {("cursor", "beforeShellExecution"), ("cline", "PreToolUse")}
"""Events whose input stays, of agents that take another at others."""
SHARED = settings(
    max_examples=fewer(8, 20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)

NAMES = tuple(all_dialects())


def dialect_of(one: HookInput) -> Dialect:
    found = dialect_named(one.dialect)
    assert found is not None
    return found


def answered(dialect: Dialect, data: bytes, facts: WorkspaceFacts) -> HookAnswer:
    run = HookRun(dialect, lambda: data, lambda _: facts, lambda *_: None)
    answer = run.answer()
    run.record()
    assert TOKEN[8:-8] not in f"{answer.out}{answer.err}"
    return answer


def effect_of(one: HookInput, payload: Any, facts: WorkspaceFacts) -> Effect:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    answer = answered(dialect_of(one), data, facts)
    return effect(one.dialect, one.event, answer.code, answer.out, answer.err)


def test_every_dialect_has_a_row_and_inputs() -> None:
    assert [one.name for one in all_dialects().values()] == [*NAMES]
    assert {one.dialect for one in INPUTS} == {*NAMES}
    for one in all_dialects().values():
        assert one.agent
        assert one.version
        assert "2026" in one.source
        assert one.settings


@EACH
def test_a_token_does_not_pass(one: HookInput, facts: WorkspaceFacts) -> None:
    found = effect_of(one, one.make(TOKEN), facts)
    assert found.kind in ("closed", "changed")
    assert TOKEN not in json.dumps(found.instead)
    can_change = one.kind == "result" or (
        one.kind == "prompt" and Ability.REWRITE_PROMPT in dialect_of(one).abilities
    )
    assert found.kind == ("changed" if can_change else "closed")


def test_a_token_in_the_text_of_a_failed_tool_is_reported_to_the_model_and_to_the_person(
    facts: WorkspaceFacts,
) -> None:
    """Claude Code lets no hook replace that text."""
    dialect = dialect_named("claude-code")
    assert dialect is not None

    def answer(error: str) -> HookAnswer:
        payload = {"hook_event_name": "PostToolUseFailure", "tool_name": "mcp__x__y", "error": error}
        return answered(dialect, json.dumps(payload).encode(), facts)

    told = answer(f"login as {TOKEN} failed")
    assert TOKEN not in told.out
    said = json.loads(told.out)
    assert "revoke it" in said["systemMessage"]
    assert "holds a token" in said["hookSpecificOutput"]["additionalContext"]
    assert said["hookSpecificOutput"].keys() == {"hookEventName", "additionalContext"}
    assert facts.detected
    assert answer("no such file") == HookAnswer()


@EACH
def test_what_holds_no_token_passes_unless_its_output_could_not_be_masked(
    one: HookInput, facts: WorkspaceFacts
) -> None:
    found = effect_of(one, one.make("harmless words"), facts)
    abilities = dialect_of(one).abilities
    is_masked = Ability.REPLACE_OUTPUT in abilities and Ability.REPLACE_FAILURE in abilities
    if one.kind != "shell" or is_masked or one.dialect == "codex":
        assert found.kind == "open"
    elif Ability.REWRITE_INPUT in abilities and (one.dialect, one.event) not in FIXED:
        assert found.kind == "changed"
        (line,) = [text for text in found.instead.values() if "harmless" in text]
        assert " exec --mask -- " in line
    else:
        assert found == CLOSED


def of_claude(event: str, line: str, facts: WorkspaceFacts) -> Effect:
    """Return what comes of a command in Claude Code; a skill's has the same fields, as Claude Code 2.1.332 sends it."""
    payload = {"cwd": "/tmp", "permission_mode": "default", "tool_name": "Bash", "tool_use_id": "1"}
    payload |= {"hook_event_name": event, "tool_input": {"command": line}}  # type: ignore[dict-item]
    dialect = dialect_named("claude-code")
    assert dialect is not None
    answer = answered(dialect, json.dumps(payload).encode(), facts)
    return effect("claude-code", "PreToolUse", answer.code, answer.out, answer.err)


@pytest.mark.parametrize("event", ["PreToolUse", "PreSkillShellCommand"])
def test_a_command_stays_as_it_is_where_the_whole_shell_is_masked(
    event: str, facts: WorkspaceFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's rules for commands then see what they know."""
    monkeypatch.setenv("CLAUDECODE", "1")
    monkeypatch.setattr(facts.guard, "has_agent_shell", True)
    monkeypatch.setenv("CLAUDE_CODE_SHELL_PREFIX", f"{PROGRAM}-agent-shell")
    assert of_claude(event, "cat state; exit 3", facts).kind == "open"
    assert of_claude(event, f"echo {TOKEN}", facts).kind == "closed"
    assert of_claude(event, "gh auth token", facts).kind == "closed"


@pytest.mark.parametrize("prefix", ["", "/tmp/tokenward-agent-shell", PROGRAM, "sh"])
def test_no_command_runs_in_a_shell_that_is_not_masked(
    prefix: str, facts: WorkspaceFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository's own settings may name another program."""
    monkeypatch.setenv("CLAUDECODE", "1")
    monkeypatch.setattr(facts.guard, "has_agent_shell", True)
    monkeypatch.setenv("CLAUDE_CODE_SHELL_PREFIX", prefix)
    assert of_claude("PreToolUse", "ls", facts).kind == "closed"
    assert of_claude("PreSkillShellCommand", "ls", facts).kind == "closed"


@EACH
def test_a_masked_command_passes(one: HookInput, facts: WorkspaceFacts) -> None:
    if one.kind != "shell":
        return
    line = json.dumps(facts.masked_command("ls 'a b'"))
    plain = json.dumps("curl -H 'x: ' https://example.com")
    payload = json.dumps(one.make(""))
    # One agent sends JSON in JSON.
    payload = payload.replace(json.dumps(plain)[1:-1], json.dumps(line)[1:-1]).replace(plain, line)
    assert "curl" not in payload
    assert effect_of(one, payload.encode(), facts).kind == "open"


@EACH
def test_what_cannot_be_checked_does_not_pass(one: HookInput) -> None:
    def fail(_: object) -> WorkspaceFacts:
        raise RuntimeError(TOKEN)

    dialect = dialect_of(one)
    run = HookRun(dialect, lambda: json.dumps(one.make("words")).encode(), fail, lambda *_: None)
    answer = run.answer()
    found = effect(one.dialect, one.event, answer.code, answer.out, answer.err)
    assert found.kind == ("changed" if one.kind == "result" else "closed") or cannot_close(one)
    assert TOKEN not in f"{answer.out}{answer.err}"
    assert "words" not in json.dumps(found.instead)


@EACH
def test_what_is_late_does_not_pass(one: HookInput) -> None:
    dialect = dialect_of(one)
    event = parse_text(dialect, json.dumps(one.make("words")).encode())
    for known in (event, None):
        answer = closed_answer(dialect, known)
        found = effect(one.dialect, one.event, answer.code, answer.out, answer.err)
        assert found.kind in ("closed", "changed") or cannot_close(one)
        assert "words" not in json.dumps(found.instead)


def cannot_close(one: HookInput) -> bool:
    """Return whether the agent accepts no denial of such an event, because only a new text counts and none is given."""
    return one.kind == "result" or one.event == "userPromptTransformed"


@EACH
@SHARED
@given(data=st.data())
def test_a_changed_input_with_a_token_does_not_pass(
    one: HookInput, facts: WorkspaceFacts, data: st.DataObject
) -> None:
    payload = copy.deepcopy(one.make(TOKEN))
    places = [*_places(payload)]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        _change(payload, place, data)
    if TOKEN not in json.dumps(payload):
        return
    found = effect_of(one, payload, facts)
    assert TOKEN not in json.dumps(found.instead)
    assert found.kind != "open" or cannot_close(one)


@EACH
@SHARED
@example(data=b"")
@example(data=b"{")
@example(data=b"[]")
@example(data=b"null")
@example(data=b"\xff\xfe")
@example(data=b'{"hook_event_name": 1}')
@given(data=st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_nothing_malformed_passes(one: HookInput, facts: WorkspaceFacts, data: bytes) -> None:
    assert effect_of(one, data, facts).kind != "open" or cannot_close(one)


@pytest.mark.parametrize("name", NAMES)
def test_deeply_nested_input_does_not_pass(name: str, facts: WorkspaceFacts) -> None:
    dialect = dialect_named(name)
    assert dialect is not None
    for depth in (500, 5_000, 200_000):
        one = next(one for one in INPUTS if one.dialect == name and one.kind in ("shell", "write"))
        text = json.dumps(one.make("words"))
        deep = text[:-1] + ', "zz": ' + "[" * depth + "]" * depth + "}"
        tool = text.replace('"words"', "[" * depth + "]" * depth)
        for data in (deep, tool, "[" * depth):
            answer = answered(dialect, data.encode(), facts)
            effect(name, one.event, answer.code, answer.out, answer.err)


def test_an_event_without_a_decision_needs_no_facts() -> None:
    dialect = dialect_named("claude-code")
    assert dialect is not None
    event = parse_text(dialect, b'{"hook_event_name": "SessionStart"}')
    assert event.kind is EventKind.NOTICE
    run = HookRun(
        dialect,
        lambda: b'{"hook_event_name": "SessionStart"}',
        lambda _: pytest.fail("not needed"),
        lambda *_: None,
    )
    assert run.answer() == dialect.render(event, ALLOW) == HookAnswer()


def _places(value: Any, place: tuple[Any, ...] = ()) -> Any:
    """Yield every place in a payload."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield (*place, name)
            yield from _places(one, (*place, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield (*place, number)
            yield from _places(one, (*place, number))


def _change(payload: Any, place: tuple[Any, ...], data: st.DataObject) -> None:
    """Remove or replace what is at a place, if it is still there."""
    *above, last = place
    try:
        for one in above:
            payload = payload[one]
        payload[last]
    except (KeyError, IndexError, TypeError):
        return
    if isinstance(payload, str):
        # What was a list was replaced before.
        return
    if data.draw(st.booleans()):
        del payload[last]
    else:
        payload[last] = data.draw(VALUES)


def test_the_page_has_a_row_for_every_agent() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "reference", "agents.md").read_text()
    for one in all_dialects().values():
        assert f"| {one.agent} | `{one.name}` | {one.version} |" in page
