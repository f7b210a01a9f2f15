"""`tokenward agents protect | status | check | undo` at a terminal, in scripts, and for an agent."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path

import pytest

import hook_stand_in
import tokens
from cli_shell import TOKENWARD, Done, Shell
from tokenward.custody.callers import callers

SETTINGS = '{\n  "env": {"MY_KEY": "a value of the user"}\n}\n'


@pytest.fixture
def user(bare_shell: Shell, tmp_path: Path) -> Shell:
    """A user of Claude Code and aider, in a project, with no other program on PATH."""
    home = Path(bare_shell.environment["HOME"])
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text(SETTINGS)
    (bare_shell.folder / ".git").mkdir()
    (bare_shell.folder / ".aider.conf.yml").touch()
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("cat", "sed"):
        (programs / name).symlink_to(str(shutil.which(name)))
    write(programs / "claude", "#!/bin/sh\necho '2.1.332 (Claude Code)'\n")
    return bare_shell.having(PATH=f"{programs}:{Path(TOKENWARD).parent}")


@pytest.fixture
def guarded(user: Shell, tmp_path: Path) -> Shell:
    """The same with hooks that work: the stand-in is the program `tokenward` of the hooks, and starts the real one."""
    program = tmp_path / "bin" / "tokenward"
    program.parent.mkdir()
    start = (
        f"import sys; sys.argv[0] = {str(program)!r}; from tokenward.cli.main import main; sys.exit(main())"
    )
    real = f'[ "$1 $2" = "agents hook" ] || exec {sys.executable} -I -c {shlex.quote(start)} "$@"'
    write(program, hook_stand_in.PROGRAM.replace("#!/bin/sh", f"#!/bin/sh\n{real}", 1))
    program.with_name("mode").write_text("guards")
    return user


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def settings(shell: Shell) -> Path:
    return Path(shell.environment["HOME"], ".claude", "settings.json")


def levels(done: Done) -> dict[str, str]:
    report = json.loads(done.text)
    return {
        f"{agent['agent']}, {surface['surface']}": surface["level"]
        for agent in report
        for surface in agent["surfaces"]
    }


def test_a_dry_run_shows_only_our_own_text_and_changes_nothing(user: Shell) -> None:
    done = user("agents", "protect", "--dry-run")
    assert done.code == 0, done.err
    assert '+    "PreToolUse": [' in done.text
    assert "+# Tokenward: files with credentials" in done.text
    assert "a value of the user" not in done.text + done.err
    assert settings(user).read_text() == SETTINGS
    assert not (user.folder / ".aiderignore").exists()


@pytest.mark.slow
def test_a_person_agrees_and_takes_it_back(user: Shell) -> None:
    with user.terminal("agents", "protect") as terminal:
        terminal.expect("Change 5 files of Claude Code and aider? [y/N]")
        terminal.type("y\n")
        terminal.end()
    assert "settings.json: done" in terminal.shown
    assert "Claude Code 2.1.332" in terminal.shown
    assert "hook claude-code" in settings(user).read_text()
    again = user("agents", "protect", "--yes")
    assert "Everything is set up already." in again.err
    assert user.agree("agents", "undo") == 0
    assert settings(user).read_text() == SETTINGS
    assert not (user.folder / ".aiderignore").exists()
    assert "Nothing was added" in user("agents", "undo", "--yes").err


def test_no_is_no(user: Shell) -> None:
    with user.terminal("agents", "protect") as terminal:
        terminal.expect("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert settings(user).read_text() == SETTINGS


def test_nobody_to_ask_means_no(user: Shell) -> None:
    done = user("agents", "protect")
    assert done.code == 2
    assert "--dry-run" in done.err
    assert settings(user).read_text() == SETTINGS


@pytest.mark.slow
def test_an_agent_may_look_but_not_change_anything(user: Shell) -> None:
    user("agents", "protect", "--yes")
    before = settings(user).read_text()
    agent = user.having(CLAUDECODE="1")
    for command in (["protect"], ["protect", "--yes"], ["undo"], ["undo", "--yes"]):
        done = agent("agents", *command)
        assert done.code == 2
        assert "Only a person can approve this" in done.err
    assert settings(user).read_text() == before
    assert agent("agents", "status").code == 0
    assert agent("agents", "protect", "--dry-run").code == 0


@pytest.mark.slow
def test_status_says_how_far_each_surface_is_guarded(user: Shell) -> None:
    assert levels(user("agents", "status", "--format", "json")) == {
        "Claude Code, prompt": "absent",
        "Claude Code, file read": "absent",
        "Claude Code, shell output": "absent",
        "Claude Code, denied files": "absent",
        "aider, denied files": "absent",
    }
    user("agents", "protect", "--yes")
    assert levels(user("agents", "status", "--format", "json")) == {
        "Claude Code, prompt": "enforced",
        "Claude Code, file read": "enforced",
        "Claude Code, shell output": "enforced",
        "Claude Code, denied files": "best effort",
        "aider, denied files": "best effort",
    }
    assert "  file read: enforced" in user("agents", "status").text


def test_status_and_the_doctor_say_where_an_agent_can_type_into_the_terminal(user: Shell) -> None:
    """By the same sentence and only there, and only to those who use an agent."""
    remedy = "sudo sysctl -w dev.tty.legacy_tiocsti=0"
    assert (remedy in user("agents", "status").err) is callers.is_terminal_open()
    assert (remedy in user("doctor").text) is callers.is_terminal_open()
    shutil.rmtree(Path(user.environment["HOME"], ".claude"))
    (user.folder / ".aider.conf.yml").unlink()
    Path(user.environment["PATH"].split(":")[0], "claude").unlink()
    assert remedy not in user("doctor").text


@pytest.mark.slow
def test_a_version_that_is_too_old_is_said(user: Shell) -> None:
    write(Path(user.environment["PATH"].split(":")[0], "claude"), "#!/bin/sh\necho '2.1.100 (Claude Code)'\n")
    user("agents", "protect", "--yes")
    done = user("agents", "status")
    assert "Claude Code 2.1.100" in done.text
    assert "Failures of hooks block from version 2.1.295 on; update Claude Code." in done.text
    assert "enforced" not in done.text


def test_without_a_hook_the_check_fails(user: Shell) -> None:
    done = user("agents", "check")
    assert done.code == 1
    assert "prompt: absent" in done.text


@pytest.mark.slow
def test_a_check_that_nothing_passes_succeeds(guarded: Shell, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "tokenward"
    with_stand_in = Shell(guarded.environment, guarded.folder, (str(program),))
    # `before` puts the stand-in first; the shell's own program becomes an argument that it drops.
    write(program, program.read_text().replace("sys.argv[0] =", "sys.argv[1:2] = []; sys.argv[0] =", 1))
    done = with_stand_in("agents", "protect", "--yes")
    assert done.code == 0, done.err + done.text
    done = with_stand_in("agents", "check", "--format", "json")
    assert done.code == 0, done.err
    found = levels(done)
    assert {found[f"Claude Code, {surface}"] for surface in ("prompt", "file read", "shell output")} == {
        "enforced"
    }
    program.with_name("mode").write_text("lets")
    done = with_stand_in("agents", "check")
    assert done.code == 1
    assert "file read: recorded (the token passed); without the program: blocks" in done.text


def test_without_agents_there_is_nothing_to_do(bare_shell: Shell) -> None:
    alone = bare_shell.having(PATH=str(Path(TOKENWARD).parent))
    for command in ("protect", "check"):
        done = alone("agents", command)
        assert done.code == 2
        assert "No AI agent was found here" in done.err
    assert alone("agents", "status").code == 0


@pytest.mark.slow
def test_a_token_in_instructions_is_named_with_the_agents_that_send_it_unseen(user: Shell) -> None:
    """Claude Code has a hook for what it sends of its own; aider has none."""
    user("agents", "protect", "--yes")
    token = tokens.npm("instructions")
    for text, is_named in (("Be brief.\n", False), (f"The key is {token}\n", True)):
        (user.folder / "AGENTS.md").write_text(text)
        done = user("agents", "check", "--format", "json")
        said = "AGENTS.md holds npm token (npm_…, 40 characters); aider may read it at the start" in done.err
        assert said == is_named, done.err
        assert token not in done.err + done.text
        json.loads(done.out)


@pytest.mark.slow
@pytest.mark.parametrize("said", [tokens.npm("old"), "nothing"])
def test_protect_says_if_agents_kept_tokens_from_before(user: Shell, said: str) -> None:
    transcript = settings(user).parent / "projects" / "p" / "s.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_text(json.dumps({"type": "user", "message": {"content": f"use {said}"}}) + "\n")
    done = user("agents", "protect", "--yes")
    expected = "The transcripts of agents hold 1 token, which a resumed session sends again"
    assert (expected in done.err + done.text) == (said != "nothing"), done.err
    assert said not in (done.err + done.text).split() or said == "nothing"
