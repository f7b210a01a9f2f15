"""The decision about an event: what is denied, and what has to stay possible."""

from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from guarded_workspace import PASSWORD, PASSWORD_VALUE, PROGRAM, STORED, STORED_VALUE
from tokenward.operations.agents.decide import decide
from tokenward.operations.agents.dialects.dialect import Ability
from tokenward.operations.agents.event import (
    ALLOW,
    AgentEvent,
    Decision,
    Deny,
    EventKind,
    Json,
    ReplaceOutput,
    RewriteInput,
    RewritePrompt,
)
from tokenward.operations.agents.known_secrets import HIDDEN
from tokenward.operations.agents.workspace_facts import WorkspaceFacts

TOKEN = tokens.github("decide")
ALL = Ability.REWRITE_INPUT | Ability.REWRITE_PROMPT | Ability.REPLACE_OUTPUT | Ability.REPLACE_FAILURE


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a file that holds a token, one that holds a reference, a large one and a link."""
    (tmp_path / "exposed.env").write_text(f"GITHUB_TOKEN={TOKEN}\n")
    (tmp_path / ".env").write_text(f"GITHUB_TOKEN={STORED}\n")
    (tmp_path / "link").symlink_to("exposed.env")
    (tmp_path / "NOTES.md").write_text("nothing\n")
    return tmp_path


def decided(
    facts: WorkspaceFacts, kind: EventKind, folder: Path, abilities: Ability = ALL, **parts: Json
) -> Decision:
    prompt = parts.pop("prompt", "")
    output = parts.pop("output", None)
    tool = parts.pop("tool", "tool")
    event = AgentEvent(
        kind, "event", str(tool), str(folder), prompt=str(prompt), arguments=parts, output=output
    )
    decision = decide(event, abilities, facts)
    if isinstance(decision, Deny):
        assert not any(value in decision.for_model + decision.for_person for value in (TOKEN, STORED_VALUE))
    return decision


@pytest.mark.parametrize("path", ["exposed.env", "./exposed.env", "link", "{folder}/exposed.env"])
def test_a_file_with_a_token_is_not_read(facts: WorkspaceFacts, place: Path, path: str) -> None:
    decision = decided(facts, EventKind.READ, place, file_path=path.format(folder=place))
    assert isinstance(decision, Deny)
    assert "tokenward redact" in decision.for_model


@pytest.mark.parametrize("path", [".env", "NOTES.md", "no-such-file", ".", "a\0b", "x" * 5000])
def test_a_file_without_a_token_is_read(facts: WorkspaceFacts, place: Path, path: str) -> None:
    assert decided(facts, EventKind.READ, place, file_path=path) == ALLOW


def test_a_file_too_large_to_search_is_not_read(facts: WorkspaceFacts, place: Path) -> None:
    with (place / "large").open("wb") as file:
        file.truncate(9_000_000)
    assert isinstance(decided(facts, EventKind.READ, place, file_path="large"), Deny)


@pytest.mark.parametrize("value", [STORED_VALUE, PASSWORD_VALUE, TOKEN])
def test_a_literal_is_not_written_and_the_reason_names_its_reference(
    facts: WorkspaceFacts, place: Path, value: str
) -> None:
    decision = decided(facts, EventKind.WRITE, place, file_path="app.py", content=f'password = "{value}"\n')
    assert isinstance(decision, Deny)
    known = {STORED_VALUE: STORED, PASSWORD_VALUE: PASSWORD}
    assert value not in known or str(known[value]) in decision.for_model


def test_a_stored_token_is_written_as_its_reference_where_that_works(
    facts: WorkspaceFacts, place: Path
) -> None:
    text = f"A={STORED_VALUE}\nB={PASSWORD_VALUE}\n"
    decision = decided(facts, EventKind.WRITE, place, file_path=str(place / ".env.local"), content=text)
    assert decision == RewriteInput(
        {"file_path": str(place / ".env.local"), "content": f"A={STORED}\nB={PASSWORD}\n"}
    )
    refused = decided(facts, EventKind.WRITE, place, Ability.NONE, file_path=".env.local", content=text)
    assert isinstance(refused, Deny)
    mixed = decided(facts, EventKind.WRITE, place, file_path=".env.local", content=f"{text}C={TOKEN}\n")
    assert isinstance(mixed, Deny)


def test_a_file_with_a_token_is_edited_but_not_overwritten(facts: WorkspaceFacts, place: Path) -> None:
    """Overwriting could lose a token, whose value the agent has never seen."""
    assert isinstance(decided(facts, EventKind.WRITE, place, file_path="exposed.env", content="new"), Deny)
    edit = decided(facts, EventKind.WRITE, place, file_path="exposed.env", old_string="a", new_string="b")
    assert edit == ALLOW


def test_a_prompt_gets_the_reference_or_is_not_sent(facts: WorkspaceFacts, place: Path) -> None:
    swapped = decided(facts, EventKind.PROMPT, place, prompt=f"use {STORED_VALUE} and {TOKEN}")
    assert isinstance(swapped, RewritePrompt)
    assert swapped.prompt.startswith(f"use {STORED} and ghp_***")
    blocked = decided(facts, EventKind.PROMPT, place, Ability.NONE, prompt=f"use {STORED_VALUE}")
    assert isinstance(blocked, Deny)
    assert str(STORED) in blocked.for_person


@pytest.mark.parametrize("prompt", ["see @exposed.env.", 'see @"exposed.env"', "@./link please"])
def test_a_prompt_does_not_attach_a_file_with_a_token(
    facts: WorkspaceFacts, place: Path, prompt: str
) -> None:
    assert isinstance(decided(facts, EventKind.PROMPT, place, prompt=prompt), Deny)
    assert decided(facts, EventKind.PROMPT, place, prompt="see @NOTES.md and me@example.com") == ALLOW


@pytest.mark.parametrize("name", ["CLAUDE.md", "AGENTS.md", ".claude/CLAUDE.md"])
def test_no_prompt_is_sent_beside_instructions_that_import_a_token(
    facts: WorkspaceFacts, place: Path, name: str
) -> None:
    (place / name).parent.mkdir(exist_ok=True)
    (place / name).write_text(f"Read @{place}/more.md.\n")
    (place / "more.md").write_text("See @./exposed.env\nand @./more.md\n")
    assert isinstance(decided(facts, EventKind.PROMPT, place, prompt="go"), Deny)
    (place / "more.md").unlink()
    assert decided(facts, EventKind.PROMPT, place, prompt="go") == ALLOW


def test_a_result_keeps_its_shape_without_the_tokens(facts: WorkspaceFacts, place: Path) -> None:
    key = tokens.private_key("agent")
    output: Json = {
        "stdout": f"a {TOKEN} b {TOKEN}",
        "list": [1, None, {TOKEN: PASSWORD_VALUE}],
        "lines": [*key.split("\n")],
    }
    decision = decided(facts, EventKind.RESULT, place, output=output)
    assert isinstance(decision, ReplaceOutput)
    stars = f"ghp_{'*' * 36}"
    shown = decision.output
    assert isinstance(shown, dict)
    assert shown["stdout"] == f"a {stars} b {stars}"
    assert shown["list"] == [1, None, {stars: "******* ***** *******"}]
    assert isinstance(shown["lines"], list)
    assert len(shown["lines"]) == len(key.split("\n"))
    assert not set(filter(lambda line: "-----" not in line and line, key.split("\n"))) & {
        *map(str, shown["lines"])
    }
    assert decided(facts, EventKind.RESULT, place, output={"stdout": "words", "n": 1}) == ALLOW


def test_a_result_shows_no_part_of_a_value_and_no_dump(facts: WorkspaceFacts, place: Path) -> None:
    value = STORED_VALUE
    for shown in (value[:-1], value.encode().hex(" ")):
        decision = decided(facts, EventKind.RESULT, place, output=f"it is\n{shown}\n.")
        assert decision == ReplaceOutput(f"it is\n{HIDDEN}\n."), shown


@pytest.mark.parametrize("tool", ["mcp__x__y", "MCP:y"])
def test_an_agent_that_lets_only_mcp_results_be_replaced_gets_those(
    facts: WorkspaceFacts, place: Path, tool: str
) -> None:
    only = Ability.REPLACE_MCP_OUTPUT
    assert isinstance(decided(facts, EventKind.RESULT, place, only, tool=tool, output=TOKEN), ReplaceOutput)
    assert decided(facts, EventKind.RESULT, place, only, tool="Shell", output=TOKEN) == ALLOW


@pytest.mark.parametrize(
    "path",
    [
        *("{home}/.claude/settings.json", ".claude/settings.local.json", ".cursor/hooks.json"),
        *("~/.codex/config.toml", ".github/hooks/any.json", "tokenward.toml", "x/../.gemini/settings.json"),
        *(
            ".CLAUDE/Settings.json",
            "{home}/data/custody.db",
            "{home}/config/config.toml",
            "linked/settings.json",
        ),
    ],
)
def test_the_guard_is_not_changed(facts: WorkspaceFacts, place: Path, home: Path, path: str) -> None:
    (place / ".claude").mkdir()
    (place / "linked").symlink_to(".claude")
    path = path.format(home=home)
    for kind in (EventKind.WRITE, EventKind.CALL):
        assert isinstance(decided(facts, kind, place, file_path=path, content="{}"), Deny)
    for line in (
        f"echo '{{}}' > {path}",
        f"rm -f {path}",
        f"sed -i s/hooks/x/ {path}",
        f"cat {path} && mv {path} x",
    ):
        assert isinstance(decided(facts, EventKind.SHELL, place, command=line), Deny), line
    assert decided(facts, EventKind.SHELL, place, command=f"cat {path}") == ALLOW
    assert decided(facts, EventKind.READ, place, file_path=path) == ALLOW


def test_the_folder_of_the_guard_is_neither_moved_nor_linked(facts: WorkspaceFacts, place: Path) -> None:
    (place / "sub" / ".claude").mkdir(parents=True)
    (place / "sub" / ".claude" / "settings.json").touch()
    for line in (
        "ln -s ~/.claude c",
        "rm -rf ${HOME}/.codex/",
        "cd ~/.claude && rm x",
        "mv .cursor x",
        "rm -r $HOME/.vibe",
        "cd sub; cp /tmp/x .[a-z]*/settings.json",
        "cp /tmp/x sub/.cl?ude/set*.json",
        "mv ~/.{claude,x} /tmp/y",
        "mv sub/.c*de y",
        "cd sub/.claude/.. && git -C .claude clean",
        "ls ~/.claude && rm -r ~/.claude",
        "ls ~/.claude | xargs rm",
        "ls ~/.claude > x; xargs rm < x",
        "git log --output=.claude/settings.json",
        "cp x cat; ./cat ~/.claude/settings.json",
        "ls() { rm -r $1; }; ls ~/.claude",
        "PATH=$PWD; ls ~/.claude; true",
        "true;A=b ls ~/.claude; true",
        "alias ls=rm; ls ~/.claude",
        "ls ~/.claude >/dev/null; rm -r ~/.claude",
        "cat x > .claude/settings.json 2> /dev/null",
        "cat x >.claude/settings.json",
        "shopt -s dotglob; rm -r sub/*",
        "rm -r sub/.*",
        "cd ~/.claude; ls; rm *",
        'python3 -c "x; cat ~/.claude/settings.json; y"',
        "bash -s <<E\ncat ~/.claude/settings.json\nE",
    ):
        assert isinstance(decided(facts, EventKind.SHELL, place, command=line), Deny), line
    for line in (
        "ls ~/.claude",
        "ls ~/.claude && git log",
        "ls ~/.claude > /dev/null 2>&1; make",
        "ls ~/.claude; git log -1 --format=%s",
        "ls -d .claude 2>/dev/null || true; make x",
        "python3 -c 'print(6 * 7)'",
        "rm -f * */*.pyc",
        "ls -la ~/.claude; npm test",
        "cat ~/.claude/settings.json | jq .hooks && make build",
        "git status && git diff .claude/settings.json",
        "git log --oneline -3 -- .claude/settings.json; touch x",
        "cd ~/.claude && ls && cat settings.json",
        "test -f .claude/settings.json || echo none",
        "mkdir .claude/commands",
        "rm .cursor/rules/x.mdc",
        "git status",
        "cd / && rm -r x",
        "cp *.json *.md dist/",
        "rm -r .*cache*/ **/*.pyc",
        "prettier --write 'src/**/*.ts'",
    ):
        assert decided(facts, EventKind.SHELL, place, command=line) == ALLOW, line


def test_our_program_is_started_and_not_changed(facts: WorkspaceFacts, place: Path) -> None:
    """A program of its name that does nothing would let everything through."""
    (place / "bin").symlink_to(Path(PROGRAM).parent)
    for line in (
        f"cp /bin/true {PROGRAM}",
        f"cd {Path(PROGRAM).parent}; ln -sf /bin/true tokenward",
        "true > bin/tokenward",
        f"{PROGRAM} list && rm {PROGRAM}",
        "cp x $(which tokenward)",
        "rm -f `command -v tokenward`",
        f"tee X=1 {PROGRAM}",
    ):
        assert isinstance(decided(facts, EventKind.SHELL, place, command=line), Deny), line
    for line in (
        f"{PROGRAM} run -- make",
        f"{PROGRAM} exec --mask -- sh -c 'ls > x'",
        f"cd sub && CI=1 X=y {PROGRAM} scan",
        "which tokenward",
        "tokenward scan > report.txt",
    ):
        assert decided(facts, EventKind.SHELL, place, command=line) == ALLOW, line


def test_settings_without_the_hook_are_refused(facts: WorkspaceFacts, place: Path) -> None:
    settings = place / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(
        '{"hooks": {"x": [{"command": "tokenward", "args": ["agents", "hook", "claude-code"]}]}}'
    )
    assert decided(facts, EventKind.CONFIGURATION, place, file_path=str(settings)) == ALLOW
    for text in ("{}", ""):
        settings.write_text(text)
        assert isinstance(decided(facts, EventKind.CONFIGURATION, place, file_path=str(settings)), Deny)


def test_a_search_is_denied_where_its_result_could_not_be_masked(facts: WorkspaceFacts, place: Path) -> None:
    assert decided(facts, EventKind.SEARCH, place, pattern="x", path=".") == ALLOW
    assert isinstance(
        decided(facts, EventKind.SEARCH, place, Ability.REWRITE_INPUT, pattern="x", path="."), Deny
    )


def test_a_command_is_left_alone_where_all_its_output_can_be_replaced(
    facts: WorkspaceFacts, place: Path
) -> None:
    assert decided(facts, EventKind.SHELL, place, command="make") == ALLOW
    for abilities in (Ability.REWRITE_INPUT, ALL & ~Ability.REPLACE_FAILURE):
        assert isinstance(decided(facts, EventKind.SHELL, place, abilities, command="make"), RewriteInput)
    assert isinstance(decided(facts, EventKind.SHELL, place, Ability.NONE, command="make"), Deny)


@pytest.mark.parametrize("value", [TOKEN, STORED_VALUE, PASSWORD_VALUE, PASSWORD_VALUE.encode().hex()])
@pytest.mark.parametrize("kind", [EventKind.SHELL, EventKind.CALL])
def test_no_tool_gets_a_token(facts: WorkspaceFacts, place: Path, kind: EventKind, value: str) -> None:
    assert isinstance(
        decided(facts, kind, place, command="git push", deep=[{"url": f"https://x/?{value}"}]), Deny
    )


def test_without_the_values_stored_tokens_are_recognised_by_their_fingerprints(
    facts: WorkspaceFacts, place: Path
) -> None:
    from tokenward.operations.agents.known_secrets import KnownSecrets  # noqa: PLC0415

    word = "pass-" + "word-" * 3
    reference = PASSWORD
    locked = WorkspaceFacts(
        scanner=facts._scanner,
        local=facts._local,
        secrets=KnownSecrets(),
        references={facts._scanner.fingerprint(word): reference},
        guard=facts.guard,
        program="/x/tokenward",
    )
    decision = decided(locked, EventKind.RESULT, place, output=f"see '{word}', ok")
    assert decision == ReplaceOutput(f"see '{'*' * len(word)}', ok")
    assert isinstance(decided(locked, EventKind.CALL, place, q=f"x={word}"), Deny)
