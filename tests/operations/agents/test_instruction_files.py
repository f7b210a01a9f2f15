"""What each agent reads by itself stops its prompt or tool if it holds a token, and nothing else does."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import tokens
from git_tree import git, repository
from guarded_workspace import STORED_VALUE
from tokenward.catalog.instructions import FileGroup, instructions_of
from tokenward.catalog.rows import rows
from tokenward.cli.support.agent_hook import DEADLINE
from tokenward.operations.agents.decide import decide
from tokenward.operations.agents.dialects.dialect import Ability, all_dialects, dialect_named, parse_text
from tokenward.operations.agents.event import AgentEvent, Deny, EventKind
from tokenward.operations.agents.instruction_files import InstructionFiles, SessionBeginning
from tokenward.operations.agents.workspace_facts import WorkspaceFacts

NAMES = tuple(all_dialects())

TOKEN = tokens.gitlab("instructions")
SAID = f"The key is {TOKEN}.\n"
HARMLESS = "The key is keyring://acme-api/GITLAB_TOKEN.\n"
HEAD = f"---\nname: x\ndescription: {SAID}---\nbody\n"
BODY = f"---\nname: x\ndescription: y\n---\n{SAID}"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace below a home folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "COPILOT_HOME", "VIBE_HOME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home" / "work" / "acme"
    (folder / ".git").mkdir(parents=True)
    return folder


def of(facts: WorkspaceFacts, agent: str) -> WorkspaceFacts:
    """Return the facts for an agent."""
    row = instructions_of(agent)
    facts._row, facts._instructions = row, InstructionFiles(row, Path.home())
    facts.beginning = SessionBeginning()
    return facts


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = Path.home() / name[2:] if name.startswith("~/") else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


READ = [
    ("claude-code", {"CLAUDE.md": SAID}, "go"),
    ("claude-code", {"CLAUDE.local.md": SAID}, "go"),
    ("claude-code", {"../CLAUDE.md": SAID}, "go"),
    ("claude-code", {"AGENTS.md": SAID}, "go"),
    ("claude-code", {".claude/rules/a/b/c.md": SAID}, "go"),
    ("claude-code", {"~/.claude/rules/a/b.md": SAID}, "go"),
    ("claude-code", {"~/.claude/CLAUDE.md": "@~/x.md", "~/x.md": SAID}, "go"),
    ("claude-code", {".claude/output-styles/x.md": BODY}, "go"),
    ("claude-code", {".claude/skills/x/SKILL.md": HEAD}, "go"),
    ("claude-code", {".claude/agents/a/x.md": HEAD}, "go"),
    ("claude-code", {".claude/commands/x.md": SAID}, "go"),
    ("claude-code", {".claude/commands/a/x.md": BODY}, "/a:x now"),
    ("claude-code", {".claude/commands/x.md": "See @more.md", ".claude/commands/more.md": SAID}, "/x"),
    ("claude-code", {"~/.claude/commands/x.md": BODY}, " /x"),
    ("claude-code", {".claude/skills/x/SKILL.md": BODY}, "/x"),
    ("codex", {"AGENTS.md": SAID}, "go"),
    ("codex", {"AGENTS.override.md": SAID}, "go"),
    ("codex", {"~/.codex/AGENTS.override.md": SAID}, "go"),
    ("codex", {"~/.codex/config.toml": "project_doc_fallback_filenames = ['T.md']", "T.md": SAID}, "go"),
    ("codex", {"~/.codex/config.toml": f"developer_instructions = '''{SAID}'''"}, "go"),
    ("codex", {".agents/skills/x/SKILL.md": HEAD}, "go"),
    ("gemini-cli", {"GEMINI.md": "@./x.md", "x.md": SAID}, "go"),
    ("gemini-cli", {".gemini/settings.json": '{"context": {"fileName": ["T.md"]}}', "T.md": SAID}, "go"),
    ("opencode", {"opencode.json": '{"instructions": ["docs/*.md"]}', "docs/x.md": SAID}, "go"),
    ("opencode", {"opencode.jsonc": '{"a": "//", /* { */ "instructions": ["T.md",], // x\n}', "T.md": SAID}, "go"),
    ("opencode", {"~/.config/opencode/AGENTS.md": SAID}, "go"),
    ("copilot-cli", {".github/instructions/a/x.instructions.md": SAID}, "go"),
    ("copilot-cli", {"AGENTS.md": "See @./x.md", "x.md": "@y.md", "y.md": SAID}, "go"),
    ("cursor", {".cursor/rules/x.mdc": SAID}, "go"),
]  # fmt: skip
UNREAD = [
    ("claude-code", {".claude/skills/x/SKILL.md": BODY}, "go"),
    ("claude-code", {".claude/commands/x.md": BODY}, "/y"),
    ("claude-code", {".claude/commands/x.md": BODY}, "see /x"),
    ("claude-code", {".claude/agents/x.md": BODY}, "go"),
    ("claude-code", {"CLAUDE.md": "Be brief.", "AGENTS.md": SAID}, "go"),
    ("claude-code", {"GEMINI.md": SAID, "AGENTS.override.md": SAID}, "go"),
    ("claude-code", {"CLAUDE.md": "mail a@b.md, `@b.md`", "b.md": SAID}, "go"),
    ("claude-code", {"packages/CLAUDE.md": SAID}, "go"),
    ("codex", {"CLAUDE.md": "@.env.local", ".env.local": SAID}, "go"),
    ("codex", {"AGENTS.md": "@b.md", "b.md": SAID}, "go"),
    ("codex", {"AGENTS.override.md": "Be brief.", "AGENTS.md": SAID}, "go"),
    ("codex", {"../AGENTS.md": SAID}, "go"),
    ("codex", {"~/.codex/config.toml": f"model = 'm' # {TOKEN}"}, "go"),
    ("codex", {"~/.codex/config.toml": "project_doc_fallback_filenames = [", "T.md": SAID}, "go"),
    ("gemini-cli", {"CLAUDE.md": SAID}, "go"),
    ("gemini-cli", {".gemini/settings.json": "[" * 100_000}, "go"),
    ("opencode", {"opencode.json": "/*" * 100_000}, "go"),
    ("opencode", {"AGENTS.md": "Be brief.", "CLAUDE.md": SAID}, "go"),
    ("copilot-cli", {"AGENTS.md": "Mail a@b.md", "b.md": SAID}, "go"),
    ("vibe", {"CLAUDE.md": SAID}, "go"),
    *(
        (agent, {name: text.replace(SAID, HARMLESS) for name, text in files.items()}, prompt)
        for agent, files, prompt in READ
    ),
]  # fmt: skip


def prompted(facts: WorkspaceFacts, agent: str, folder: Path, prompt: str) -> object:
    dialect = dialect_named(agent)
    assert dialect is not None
    event = AgentEvent(EventKind.PROMPT, "prompt", folder=str(folder), prompt=prompt)
    return decide(event, dialect.abilities, of(facts, agent))


@pytest.mark.parametrize(("agent", "files", "prompt"), READ)
def test_no_prompt_is_sent_with_a_token_that_the_agent_reads_by_itself(
    facts: WorkspaceFacts, place: Path, agent: str, files: Mapping[str, str], prompt: str
) -> None:
    write(place, files)
    decision = prompted(facts, agent, place, prompt)
    assert isinstance(decision, Deny)
    assert TOKEN not in decision.for_person
    assert "Run `tokenward move " in decision.for_person


@pytest.mark.parametrize(("agent", "files", "prompt"), UNREAD)
def test_a_prompt_is_sent_beside_what_the_agent_does_not_read(
    facts: WorkspaceFacts, place: Path, agent: str, files: Mapping[str, str], prompt: str
) -> None:
    write(place, files)
    assert not isinstance(prompted(facts, agent, place, prompt), Deny)


@pytest.mark.parametrize(
    ("agent", "name", "is_stopped"),
    [
        ("claude-code", "packages/api/CLAUDE.md", True),
        ("claude-code", "packages/CLAUDE.md", True),
        ("claude-code", "packages/api/AGENTS.md", True),
        ("claude-code", "packages/.claude/rules/x.md", True),
        ("claude-code", "packages/web/CLAUDE.md", False),
        ("claude-code", "packages/api/notes.md", False),
        ("gemini-cli", "packages/GEMINI.md", True),
        ("gemini-cli", "packages/CLAUDE.md", False),
        ("codex", "packages/AGENTS.md", False),
    ],
)
@pytest.mark.parametrize("kind", [EventKind.READ, EventKind.WRITE, EventKind.SEARCH])
def test_a_file_is_not_opened_if_instructions_with_a_token_go_with_it(
    facts: WorkspaceFacts, place: Path, agent: str, name: str, is_stopped: bool, kind: EventKind
) -> None:
    write(place, {"packages/api/main.py": "x = 1\n", name: SAID})
    dialect = dialect_named(agent)
    assert dialect is not None
    arguments = {"file_path": str(place / "packages/api/main.py")}
    event = AgentEvent(kind, "PreToolUse", "Tool", str(place), arguments=arguments)
    decision = decide(event, dialect.abilities, of(facts, agent))
    assert isinstance(decision, Deny) == is_stopped
    if isinstance(decision, Deny):
        assert (str(place / name) in decision.for_model, TOKEN in decision.for_model) == (True, False)


@pytest.mark.parametrize(
    ("prompt", "is_stopped"),
    [
        (" ".join(f"@{n}.md" for n in range(50)), True),
        (" ".join(f"@{n}.md" for n in range(49)), False),
        ("see @names/", True),
        ("see @other/", False),
        (f"key {STORED_VALUE[:9]}\n{STORED_VALUE[9:]}", True),
        (f"key {STORED_VALUE[:9]}\n", False),
    ],
)
def test_all_that_a_prompt_names_is_searched_or_it_is_not_sent(
    facts: WorkspaceFacts, place: Path, prompt: str, is_stopped: bool
) -> None:
    write(place, {"49.md": SAID, f"names/{TOKEN}.txt": "", "other/x.txt": ""})
    decision = prompted(facts, "claude-code", place, prompt)
    assert isinstance(decision, Deny) == is_stopped
    if isinstance(decision, Deny):
        assert STORED_VALUE[9:] not in decision.prompt + decision.for_person


@pytest.mark.parametrize(
    ("changes", "is_stopped"),
    [
        ([["commit", "-q", "--allow-empty", "-m", SAID]], True),
        ([["checkout", "-qb", TOKEN]], True),
        ([["add", "new"]], True),
        ([], True),
        ([["commit", "-q", "--allow-empty", "-m", HARMLESS]], False),
        ([["commit", "-q", "--allow-empty", "-m", SAID], *([["commit", "-q", "--allow-empty", "-m", "x"]] * 5)], False),
    ],
)  # fmt: skip
def test_no_session_begins_with_a_token_in_what_git_says(
    facts: WorkspaceFacts, tmp_path: Path, changes: list[list[str]], is_stopped: bool
) -> None:
    """Codex sends nothing of it."""
    folder = repository(tmp_path / "acme")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    if not any("commit" in change for change in changes):
        write(folder, {"new/x" if ["add", "new"] in changes else f"{TOKEN}.txt": "", "new/y": ""})
    if ["add", "new"] in changes:
        write(folder, {f"new/{TOKEN}": ""})
    for change in changes:
        git(folder, *change)
    assert isinstance(prompted(facts, "claude-code", folder, "go"), Deny) == is_stopped
    assert not isinstance(prompted(facts, "codex", folder, "go"), Deny)


def test_a_resumed_session_is_searched_once_and_stopped_if_it_holds_a_token(
    facts: WorkspaceFacts, place: Path, tmp_path: Path
) -> None:
    def begun(session: str) -> object:
        event = AgentEvent(
            EventKind.PROMPT, "p", folder=str(place), prompt="go", session=session, transcript=str(transcript)
        )
        return decide(event, dialect.abilities, facts)

    dialect, transcript = dialect_named("codex"), tmp_path / "t.jsonl"
    assert dialect is not None
    of(facts, "codex").beginning = SessionBeginning(tmp_path / "sessions")
    transcript.write_text(f'{{"content": "use {TOKEN}"}}\n')
    for _ in range(2):
        decision = begun("old")
        assert isinstance(decision, Deny)
        assert "tokenward agents transcripts --redact" in decision.for_person
    transcript.write_text('{"content": "use ****"}\n')
    assert not isinstance(begun("old"), Deny)
    # What came since passed the hooks.
    transcript.write_text(f'{{"content": "use {TOKEN}"}}\n')
    assert not isinstance(begun("old"), Deny)
    assert isinstance(begun("another"), Deny)
    transcript.unlink()
    assert not isinstance(begun("third"), Deny)


def test_a_prompt_that_was_stopped_does_not_stop_the_next(
    facts: WorkspaceFacts, place: Path, tmp_path: Path
) -> None:
    """Claude Code keeps it in the transcript, before or after it asks."""
    transcript = tmp_path / "t.jsonl"
    dialect = dialect_named("claude-code")
    assert dialect is not None
    of(facts, "claude-code").beginning = SessionBeginning(tmp_path / "sessions")

    def sent(prompt: str, session: str) -> Deny | None:
        event = AgentEvent(
            EventKind.PROMPT,
            "p",
            folder=str(place),
            prompt=prompt,
            session=session,
            transcript=str(transcript),
        )
        decision = decide(event, dialect.abilities, facts)
        return decision if isinstance(decision, Deny) else None

    for session, is_early in (("early", True), ("late", False)):
        kept = json.dumps({"type": "queue", "content": SAID}) + "\n"
        transcript.write_text(kept if is_early else "")
        stopped = sent(SAID, session)
        assert stopped
        assert "The prompt contained" in stopped.for_person
        transcript.write_text(kept)
        assert sent("go on", session) is None


def test_the_list_of_sessions_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "sessions"
    for number in range(30):
        SessionBeginning(path).note_searched(f"session {number}")
    path.write_bytes(b"0" * 65_500 + b"\n" + path.read_bytes())
    path.chmod(0o600)
    SessionBeginning(path).note_searched("last")
    assert path.stat().st_size <= 65_536
    assert SessionBeginning(path).is_searched("last")
    SessionBeginning().note_searched("nowhere")
    assert not SessionBeginning().is_searched("nowhere")
    assert not SessionBeginning(path).is_searched("")


@pytest.mark.parametrize("name", NAMES)
def test_the_session_is_read_from_a_prompt_and_from_nothing_else(name: str) -> None:
    dialect = dialect_named(name)
    assert dialect is not None
    if name in ("claude-code", "codex"):
        given = b'{"hook_event_name": "UserPromptSubmit", "prompt": "x", "session_id": "s", "transcript_path": "/t"}'
        event = parse_text(dialect, given)
        assert (event.session, event.transcript) == ("s", "/t")
        other = parse_text(dialect, given.replace(b'"s"', b"null").replace(b'"/t"', b"[1]"))
        assert other.kind is EventKind.PROMPT


def test_every_agent_with_hooks_has_a_row_and_every_row_says_where_it_was_read() -> None:
    found = {name: row["instructions"] for name, row in rows("agents").items() if "instructions" in row}
    assert found.keys() == {*NAMES, "others"}
    for name, row in found.items():
        assert row["source"]
        groups = instructions_of(name).groups
        assert any(group.place == "parents" for group in groups)
        for group in groups:
            assert isinstance(group, FileGroup)
            assert group.files or group.heads or group.commands
            assert all("{name}" in pattern for pattern in group.commands)
            assert group.place in ("parents", "nested") or group.place[0] in "~{"


def test_a_folder_that_a_command_changed_to_hides_no_instructions(facts: WorkspaceFacts, place: Path) -> None:
    write(place, {"packages/api/main.py": "x = 1\n", "packages/CLAUDE.md": SAID, "packages/web/a.py": ""})
    for name in ("packages/api", "packages/web"):
        arguments = {"file_path": str(place / "packages/api/main.py")}
        event = AgentEvent(EventKind.READ, "PreToolUse", "Read", str(place / name), arguments=arguments)
        decision = decide(event, Ability.NONE, of(facts, "claude-code"))
        assert isinstance(decision, Deny), name
        assert "packages/CLAUDE.md" in decision.for_model


def test_an_import_is_followed_as_deep_as_from_its_nearest_place(facts: WorkspaceFacts, place: Path) -> None:
    chain = {f"{number}.md": f"@{number + 1}.md" for number in range(1, 4)}
    write(place, {"CLAUDE.md": "@b.md @1.md", **chain, "4.md": "@x.md", "b.md": "@x.md", "x.md": "@y.md"})
    assert not isinstance(prompted(facts, "claude-code", place, "go"), Deny)
    write(place, {"y.md": SAID})
    assert isinstance(prompted(facts, "claude-code", place, "go"), Deny)


@pytest.mark.parametrize(
    ("files", "is_stopped"),
    [
        ({f".claude/rules/{number}.md": "Be brief." for number in range(2_100)}, True),
        ({f".claude/rules/{number}.md": "Be brief." for number in range(400)}, False),
        ({"CLAUDE.md": "@1.md @2.md", "1.md": "word " * 900_000, "2.md": "word " * 900_000}, True),
        ({"CLAUDE.md": "@1.md @2.md", "1.md": "word " * 90_000, "2.md": "word " * 90_000}, False),
    ],
)
def test_what_cannot_be_searched_in_time_is_not_sent(
    facts: WorkspaceFacts, place: Path, files: Mapping[str, str], is_stopped: bool
) -> None:
    write(place, files)
    started = time.monotonic()
    decision = prompted(facts, "claude-code", place, "go")
    assert isinstance(decision, Deny) == is_stopped
    assert time.monotonic() - started < DEADLINE / 2
    if isinstance(decision, Deny):
        assert "more text than can be searched" in decision.for_person


def test_what_is_no_file_is_not_read(facts: WorkspaceFacts, place: Path) -> None:
    os.mkfifo(place / "fifo")
    write(place, {"CLAUDE.md": "@fifo @/dev/zero @/dev/tty @/proc/self/mem @/proc/self @."})
    assert not isinstance(prompted(facts, "claude-code", place, "go"), Deny)
    place.joinpath("CLAUDE.md").unlink()
    os.mkfifo(place / "CLAUDE.md")
    assert not isinstance(prompted(facts, "claude-code", place, "go"), Deny)


def test_names_of_packages_are_no_files(facts: WorkspaceFacts, place: Path) -> None:
    prompt = "\n".join(f'"@types/x{number}": "1"' for number in range(500))
    assert not isinstance(prompted(facts, "claude-code", place, prompt), Deny)
    write(place, {f"{number}.md": "x" for number in range(51)})
    assert isinstance(prompted(facts, "claude-code", place, " ".join(f"@{n}.md" for n in range(51))), Deny)


def test_a_folder_that_cannot_be_read_stops_nothing(facts: WorkspaceFacts, place: Path) -> None:
    (place / "locked").mkdir(mode=0o000)
    assert not isinstance(prompted(facts, "claude-code", place, "see @locked/"), Deny)
    (place / "locked").chmod(0o700)
