"""Protecting and taking back, with users who change their files, links, and files that cannot be changed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from agent_homes import AgentHome, newest
from tokenward.errors import EditRefused, StateDamaged, TokenwardError
from tokenward.operations.agents_protection.hook_command import this_program
from tokenward.operations.agents_protection.plan import FoundAgent
from tokenward.operations.agents_protection.protect import protect
from tokenward.operations.agents_protection.protected_agent import protected_agents
from tokenward.rewriting.settings_files.formats import FORMATS

CLAUDE_CODE = protected_agents()["claude-code"]
CODEX = protected_agents()["codex"]
GOOSE = protected_agents()["goose"]
VIBE = protected_agents()["vibe"]
AIDER = protected_agents()["aider"]
CLINE = protected_agents()["cline"]
CURSOR = protected_agents()["cursor"]
OPENCODE = protected_agents()["opencode"]

posix = pytest.mark.skipif(os.name == "nt", reason="links and modes are POSIX's")


@pytest.fixture
def home(tmp_path: Path) -> AgentHome:
    return AgentHome.at(tmp_path)


def settings(home: AgentHome) -> Path:
    return home.roots.home / ".claude" / "settings.json"


def claude(home: AgentHome, text: str) -> Path:
    path = settings(home)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_what_a_user_has_changed_since_stays_and_only_our_entries_go(home: AgentHome) -> None:
    path = claude(home, '{\n  "theme": "dark"\n}\n')
    home.protect(newest(CLAUDE_CODE))
    text = (
        path.read_text()
        .replace('"dark"', '"light"')
        .replace('"deny": [', '"deny": [\n      "Bash(rm *)",', 1)
    )
    text = text.replace('"hooks": {', '"hooks": {\n    "Stop": [],', 1)
    path.write_text(text)
    assert {outcome.reason for outcome in home.undo()} == {""}
    left = json.loads(path.read_text())
    assert left == {"theme": "light", "hooks": {"Stop": []}, "permissions": {"deny": ["Bash(rm *)"]}}


@pytest.mark.slow
def test_an_entry_that_the_user_had_before_is_not_taken(home: AgentHome) -> None:
    text = '{"permissions": {"deny": ["Read(~/.netrc)"]}}'
    path = claude(home, text)
    home.protect(newest(CLAUDE_CODE))
    path.write_text(path.read_text() + "\n")
    home.undo()
    assert path.read_text() == text + "\n"


def test_settings_that_follow_ours_keep_their_layout(home: AgentHome) -> None:
    path = claude(home, "{}")
    home.protect(newest(CLAUDE_CODE))
    path.write_text(path.read_text().rstrip()[:-1].rstrip() + ',\n  "theme":   "dark" // mine\n}\n')
    home.undo()
    assert FORMATS["json"].read(path.read_text()) == {"theme": "dark"}
    assert '"theme":   "dark" // mine\n}\n' in path.read_text()


def test_a_file_that_we_created_stays_if_the_user_added_to_it(home: AgentHome) -> None:
    home.protect(newest(CLAUDE_CODE))
    path = settings(home)
    path.write_text(path.read_text().replace('{\n  "hooks"', '{\n  "theme": "dark",\n  "hooks"', 1))
    home.undo()
    assert json.loads(path.read_text()) == {"theme": "dark"}


@pytest.mark.slow
def test_entries_of_an_earlier_form_are_replaced(home: AgentHome) -> None:
    """The program was installed elsewhere before; the old command would fail at each event."""
    path = claude(home, '{"theme": "dark"}')
    before = path.read_bytes()
    AgentHome(home.roots, home.places, "/old/tokenward").protect(newest(CLAUDE_CODE))
    plan, *_mod = home.protect(newest(CLAUDE_CODE))
    assert plan.replaced
    assert "/old/" not in path.read_text()
    assert home.program in path.read_text()
    home.undo()
    assert path.read_bytes() == before


def test_a_newer_version_of_the_agent_gets_its_further_events(home: AgentHome) -> None:
    before = home.plant(CLAUDE_CODE)
    home.protect(FoundAgent(CLAUDE_CODE, "2.1.0"))
    assert "ConfigChange" not in settings(home).read_text()
    home.protect(newest(CLAUDE_CODE))
    assert "ConfigChange" in settings(home).read_text()
    home.undo()
    assert home.contents(CLAUDE_CODE) == before


def test_a_setting_of_the_users_that_says_otherwise_is_left_and_said(home: AgentHome) -> None:
    config = home.roots.home / ".codex" / "config.toml"
    config.parent.mkdir()
    config.write_text("[shell_environment_policy]\nignore_default_excludes = true\n")
    plans = home.protect(newest(CODEX))
    assert [plan.problems for plan in plans] == [
        (),
        (
            "`shell_environment_policy.ignore_default_excludes` is set to something else there; change it by hand.",
        ),
    ]
    assert config.read_text().startswith("[shell_environment_policy]\nignore_default_excludes = true\n")


@pytest.mark.parametrize(
    "text", ['{"a": 1', "[]", '{"hooks": {}, "hooks": {}}', "\0", '{"hooks": {"PreToolUse": 1}']
)
def test_a_file_that_does_not_parse_is_left_and_said(home: AgentHome, text: str) -> None:
    path = claude(home, text)
    plan, *_mod = home.protect(newest(CLAUDE_CODE))
    assert plan.refusal or plan.problems
    assert "hook claude-code" not in path.read_text() or plan.problems
    assert plan.refusal == "" or path.read_text() == text


def test_a_script_of_somebody_else_is_left(home: AgentHome) -> None:
    path = home.roots.home / "Documents" / "Cline" / "Hooks" / "PreToolUse"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\necho mine\n")
    plans = home.protect(newest(CLINE))
    assert [plan.problems for plan in plans if plan.path == path] == [
        ("It exists already and is not Tokenward's; move it away, then try again.",)
    ]
    home.undo()
    assert path.read_text() == "#!/bin/sh\necho mine\n"


@posix
def test_a_link_inside_the_home_is_followed_and_stays_a_link(home: AgentHome) -> None:
    real = home.roots.home / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_text("{}\n")
    settings(home).parent.mkdir()
    settings(home).symlink_to(real)
    home.protect(newest(CLAUDE_CODE))
    assert settings(home).is_symlink()
    assert "PreToolUse" in real.read_text()
    home.undo()
    assert real.read_text() == "{}\n"


@posix
@pytest.mark.parametrize("is_folder", [False, True])
def test_a_link_out_of_the_home_or_the_workspace_is_refused(
    home: AgentHome, tmp_path: Path, is_folder: bool
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text("{}")
    (outside / ".aiderignore").write_text("mine\n")
    if is_folder:
        settings(home).parent.symlink_to(outside)
    else:
        settings(home).parent.mkdir()
        settings(home).symlink_to(outside / "settings.json")
    workspace = home.roots.workspace
    assert workspace is not None
    (workspace / ".aiderignore").symlink_to(outside / ".aiderignore")
    plans = home.protect(newest(CLAUDE_CODE), newest(AIDER))
    refused = {plan.path.name for plan in plans if "outside" in plan.refusal}
    assert refused >= {"settings.json", ".aiderignore"}
    assert is_folder == ("register.js" in refused)
    assert (outside / "settings.json").read_text() == "{}"
    assert (outside / ".aiderignore").read_text() == "mine\n"


@posix
def test_a_hostile_workspace_cannot_lead_us_to_another_file_of_the_user(home: AgentHome) -> None:
    workspace = home.roots.workspace
    assert workspace is not None
    other = home.roots.home / ".bashrc"
    other.write_text("mine\n")
    (workspace / ".aiderignore").symlink_to(other)
    (plan,) = home.protect(newest(AIDER))
    assert "outside" in plan.refusal
    (workspace / ".aiderignore").unlink()
    home.protect(newest(AIDER))
    (workspace / ".aiderignore").unlink()
    (workspace / ".aiderignore").symlink_to(other)
    (outcome,) = home.undo()
    assert "leads elsewhere" in outcome.reason
    assert other.read_text() == "mine\n"


@posix
def test_mode_and_owner_stay(home: AgentHome) -> None:
    path = claude(home, "{}")
    path.chmod(0o640)
    home.protect(newest(CLAUDE_CODE))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    home.undo()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_changes_between_plan_and_write_is_not_overwritten(home: AgentHome) -> None:
    path = claude(home, "{}")
    plan, *_mod = home.plans(newest(CLAUDE_CODE))
    path.write_text('{"new": true}')
    with pytest.raises(EditRefused, match="has changed in the meantime"):
        protect(plan, home.record(), home.editor())
    assert path.read_text() == '{"new": true}'
    assert [outcome.reason for outcome in home.undo()] == [""]
    assert path.read_text() == '{"new": true}'


def test_the_record_holds_nothing_of_the_users(home: AgentHome) -> None:
    for agent in (CLAUDE_CODE, CODEX, CURSOR, OPENCODE, VIBE, GOOSE):
        home.plant(agent)
        home.protect(newest(agent))
    assert "a value of the user" not in home.places.agents.read_text()
    assert os.name == "nt" or stat.S_IMODE(home.places.agents.stat().st_mode) == 0o600


def test_a_damaged_record_stops_everything(home: AgentHome) -> None:
    home.protect(newest(CLAUDE_CODE))
    for content in (
        b"",
        b"{}",
        b"[1]",
        b'{"files": {"/x": {"format": "other"}}}',
        b"\xff",
        b'{"files": {"/x": 1}}',
    ):
        home.places.agents.write_bytes(content)
        with pytest.raises(StateDamaged, match="cannot be read"):
            home.record()


def test_a_program_in_the_workspace_is_no_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / ".venv" / "bin" / "tokenward"
    inside.parent.mkdir(parents=True)
    inside.write_text("")
    monkeypatch.setattr("sys.argv", [str(inside)])
    with pytest.raises(TokenwardError, match="is in this workspace, where an agent may change it"):
        this_program(tmp_path)
    assert this_program(tmp_path / "elsewhere") == str(inside)
