"""What somebody removes from a protected file is noticed for every agent, and what users change besides is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_homes import FOREIGN, AgentHome, newest
from tokenward.operations.agents_protection.protected_agent import ProtectedAgent, protected_agents
from tokenward.operations.agents_protection.record import ChangedGuard, changed_guards
from tokenward.operations.agents_protection.survey import Reach, Standing, survey
from tokenward.presentation.agent_texts import changed_words, lines_of

CLAUDE_CODE = protected_agents()["claude-code"]
AIDER = protected_agents()["aider"]
AGENTS = tuple(protected_agents().values())

every_agent = pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)


@pytest.fixture
def home(tmp_path: Path) -> AgentHome:
    return AgentHome.at(tmp_path)


def changed(home: AgentHome) -> list[ChangedGuard]:
    return [*changed_guards(home.roots, home.record())]


@every_agent
def test_each_file_counts_as_changed_once_it_is_gone_or_as_before(
    home: AgentHome, agent: ProtectedAgent
) -> None:
    home.plant(agent)
    before = home.contents(agent)
    home.protect(newest(agent))
    assert changed(home) == []
    protected = home.contents(agent)
    for path, content in protected.items():
        for other in (before.get(path), None):
            if other is None:
                path.unlink()
            else:
                path.write_bytes(other)
            if other is None and path.name == "mine.json":
                # One of several agents of a user's own, which is gone with its file.
                assert changed(home) == []
            else:
                (found,) = changed(home)
                assert (found.path, found.lost) == (path, found.added)
                assert agent.name in found.agents
            path.write_bytes(content)
            assert changed(home) == []
    home.undo()
    assert changed(home) == []


@every_agent
def test_what_a_user_changes_besides_is_no_change_of_the_guard(
    home: AgentHome, agent: ProtectedAgent
) -> None:
    home.plant(agent)
    home.protect(newest(agent))
    for path, name in home.files_of(agent).items():
        if name in FOREIGN and path.exists():
            path.write_text(path.read_text().replace("of the user", "of another user"))
    assert changed(home) == []


@pytest.mark.slow
def test_one_removed_entry_and_the_switch_of_all_hooks_are_named(home: AgentHome) -> None:
    home.plant(CLAUDE_CODE)
    home.protect(newest(CLAUDE_CODE))
    path = home.roots.home / ".claude" / "settings.json"
    text = path.read_text()
    path.write_text(text.replace('"Read(~/.netrc)",', "", 1))
    (found,) = changed(home)
    assert found.lost == 1
    assert f"lacks 1 of the {found.added} settings" in changed_words(found)
    (status,) = survey(home.roots, [newest(CLAUDE_CODE)], home.program, [found])
    assert status.standing is Standing.CHANGED
    assert any("lacks 1 of" in line for line in lines_of(status))
    path.write_text(text.replace("{", '{\n  "disableAllHooks": true,', 1))
    (found,) = changed(home)
    assert (found.lost, found.switch) == (0, "disableAllHooks")
    assert "switches all hooks off" in changed_words(found)
    path.write_text("{ no settings")
    (found,) = changed(home)
    assert found.lost == found.added


def test_an_agent_without_hooks_is_at_best_partly_guarded_and_reads_everything(home: AgentHome) -> None:
    statuses = [*survey(home.roots, [newest(AIDER), newest(CLAUDE_CODE)], home.program)]
    assert [(one.standing, one.reach) for one in statuses] == [(Standing.UNGUARDED, Reach.ALL)] * 2
    home.protect(newest(AIDER), newest(CLAUDE_CODE))
    statuses = [*survey(home.roots, [newest(AIDER), newest(CLAUDE_CODE)], home.program)]
    assert [(one.standing, one.reach) for one in statuses] == [
        (Standing.PARTLY, Reach.ALL),
        (Standing.GUARDED, Reach.NONE),
    ]
