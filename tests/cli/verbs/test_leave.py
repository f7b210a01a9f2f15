"""`tokenward leave`: everything goes back, and nothing that Tokenward stored is left."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import git_tree
import keyring_session
import tokens
from cli_shell import TOKENWARD, Shell

APP = f'''"""Uses two tokens."""

import sys

GITHUB = "{tokens.github(1)}"
STRIPE = "{tokens.stripe()}"
print(sys.argv, GITHUB)
'''
FILES = {
    "app.py": APP,
    "tools/client.ts": f"const key = '{tokens.github(2)}';\r\nexport default key;\r\n",
    "again.py": f'import os\n\nSAME = "{tokens.github(1)}"\n',
    "deploy.sh": f"#!/bin/sh\nexport GITLAB_TOKEN={tokens.gitlab()}\necho done",
    "compose.yaml": f"services:\n  web:\n    environment:\n      NPM_TOKEN: {tokens.npm()}\n",
}


@pytest.fixture
def shell(shell: Shell) -> Shell:
    """A shell in a repository."""
    git_tree.repository(shell.folder)
    return shell


def plant(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def contents(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}


def entries(shell: Shell) -> str:
    """Return what gnome-keyring itself lists under our services."""
    command = ["secret-tool", "search", "--all", "--unlock", "application", "Python keyring library"]
    done = subprocess.run(command, env=dict(shell.environment), capture_output=True, text=True, check=False)
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if "tokenward/" in line)


def rows(shell: Shell, table: str) -> int:
    path = Path(shell.environment["HOME"], ".local", "share", "tokenward", "custody.db")
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def assert_nothing_is_left(shell: Shell) -> None:
    assert entries(shell) == ""
    tables = ("entries", "leases", "approvals", "bindings")
    assert {table: rows(shell, table) for table in tables} == dict.fromkeys(tables, 0)


@pytest.fixture
def moved(shell: Shell) -> Shell:
    """A workspace whose tokens were moved; one has a lease."""
    plant(shell.folder, FILES)
    done = shell("move", ".", "--yes")
    assert done.code == 0, done.err
    assert shell("lease", "GITLAB_TOKEN", "--uses", "9").code == 0
    return shell


@pytest.mark.parametrize("environment", [None, "", "A=1", "A=1\r\nB=2\r\n", f"OTHER={tokens.npm(7)}\nB=2"])
def test_after_it_everything_is_as_it_was_before_the_moves(shell: Shell, environment: str | None) -> None:
    plant(shell.folder, FILES if environment is None else {**FILES, ".env": environment})
    before = contents(shell.folder)
    assert shell("move", ".", "--yes").code == 0
    assert contents(shell.folder) != before
    assert entries(shell)
    with shell.terminal("leave") as terminal:
        terminal.expect("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0, terminal.shown
    assert contents(shell.folder) == before
    assert_nothing_is_left(shell)


def test_leases_and_renamed_tokens_go_too(moved: Shell) -> None:
    assert rows(moved, "leases") > 0
    assert moved("rename", "STRIPE_SECRET_KEY", "PAYMENTS_KEY").code == 0
    done = moved("leave", "--yes")
    assert done.code == 0, done.err
    assert contents(moved.folder) == FILES
    assert_nothing_is_left(moved)


def test_a_dry_run_prints_the_plan_and_changes_nothing(moved: Shell) -> None:
    before, stored = contents(moved.folder), entries(moved)
    done = moved("leave", "--dry-run")
    assert (done.code, done.out) == (0, b"")
    assert "app.py: 2 tokens to put back in plain text\n" in done.err
    assert "added lines to remove\n" in done.err
    assert "To remove: 1 workspace name (acme-api)\n" in done.err
    assert "To remove: 5 stored tokens (keyring://acme-api/" in done.err
    assert not any(value in done.err for value in (tokens.github(1), tokens.stripe(), tokens.npm()))
    assert (contents(moved.folder), entries(moved)) == (before, stored)


def test_nothing_changes_without_a_yes(moved: Shell) -> None:
    before, stored = contents(moved.folder), entries(moved)
    assert moved("leave").code == 2
    with moved.terminal("leave") as terminal:
        terminal.expect("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert (contents(moved.folder), entries(moved)) == (before, stored)


def test_what_was_restored_before_does_not_stay_behind(moved: Shell) -> None:
    """Each value is in its file again, so that no entry has a reason to stay."""
    for name in FILES:
        assert moved("restore", name).code == 0, name
    assert entries(moved)
    done = moved("leave", "--yes")
    assert done.code == 0, done.err
    assert "compose.yaml: holds 1 stored token already\n" in done.err
    assert contents(moved.folder) == FILES
    assert_nothing_is_left(moved)


@pytest.mark.slow
def test_a_token_that_is_in_no_file_stays_until_a_person_gives_it_up_by_name(moved: Shell) -> None:
    moved.put("ONLY_HERE", tokens.github(9))
    done = moved("leave", "--yes")
    assert done.code == 0, done.err
    assert "Stays: 1 token that no file refers to or holds" in done.err
    assert contents(moved.folder) == FILES
    assert moved.get("ONLY_HERE") == tokens.github(9)
    assert moved("leave", "--yes", "--erase-unused").code == 2
    assert moved.get("ONLY_HERE") == tokens.github(9)
    for answer, is_left in (("n\n", True), ("y\n", False)):
        with moved.terminal("leave", "--yes", "--erase-unused") as terminal:
            terminal.expect("keyring://acme-api/ONLY_HERE. Delete the only copy, permanently? [y/N]")
            terminal.type(answer)
            assert terminal.end() == 0, terminal.shown
        assert bool(entries(moved)) is is_left
    assert_nothing_is_left(moved)


def test_a_put_token_goes_to_where_its_reference_is(shell: Shell) -> None:
    """Its line was not added by a move, so the value takes the reference's place."""
    shell.put("GITHUB_TOKEN", tokens.github(3))
    shell.put("SHORT", "hunter2")
    shell.write_env("A=1", "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN", "P='keyring://acme-api/SHORT'")
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert (shell.folder / ".env").read_text() == f"A=1\nGITHUB_TOKEN={tokens.github(3)}\nP='hunter2'\n"
    assert_nothing_is_left(shell)


def test_a_file_that_cannot_be_written_keeps_its_tokens_and_the_rest_is_restored(moved: Shell) -> None:
    """Once the file can be written, a repetition completes it."""
    script = moved.folder / "deploy.sh"
    references = script.read_text()
    script.chmod(0o444)
    done = moved("leave", "--yes")
    assert done.code == 2
    assert "keyring://acme-api/GITLAB_TOKEN stays: " in done.err
    assert "deploy.sh cannot be written" in done.err
    left = contents(moved.folder)
    assert left.pop("deploy.sh") == references
    assert left.pop(".env") == "GITLAB_TOKEN=keyring://acme-api/GITLAB_TOKEN\n"
    assert left == {name: text for name, text in FILES.items() if name != "deploy.sh"}
    assert entries(moved).count("tokenward/") == 1
    assert moved.get("GITLAB_TOKEN") == tokens.gitlab()
    script.chmod(0o644)
    assert moved("leave", "--yes").code == 0
    assert contents(moved.folder) == FILES
    assert_nothing_is_left(moved)


def test_a_reference_that_leads_nowhere_is_named_and_the_rest_is_restored(moved: Shell) -> None:
    (moved.folder / "other.env").write_text("X=keyring://acme-api/NOBODY\n")
    done = moved("leave", "--yes")
    assert done.code == 2
    assert "Nothing is stored under keyring://acme-api/NOBODY" in done.err
    left = contents(moved.folder)
    assert left.pop("other.env") == "X=keyring://acme-api/NOBODY\n"
    assert left == FILES
    assert entries(moved) == ""


def test_a_kind_of_file_that_is_not_rewritten_is_named(moved: Shell) -> None:
    (moved.folder / "notes.txt").write_text("see keyring://acme-api/GITLAB_TOKEN\n")
    done = moved("leave", "--yes")
    assert done.code == 2
    assert "notes.txt refers to it, and Tokenward cannot rewrite this kind of file" in done.err
    assert moved.get("GITLAB_TOKEN") == tokens.gitlab()
    (moved.folder / "notes.txt").unlink()
    assert moved("leave", "--yes").code == 0
    assert contents(moved.folder) == FILES
    assert_nothing_is_left(moved)


def test_a_token_whose_lease_has_ended_stays_and_so_does_its_reference(moved: Shell) -> None:
    assert moved("lease", "GITLAB_TOKEN", "--uses", "1").code == 0
    assert moved.get("GITLAB_TOKEN")
    done = moved("leave", "--yes")
    assert done.code == 2
    assert (
        "keyring://acme-api/GITLAB_TOKEN stays: The lease of keyring://acme-api/GITLAB_TOKEN has no uses"
        in done.err
    )
    assert "GITLAB_TOKEN=keyring://acme-api/GITLAB_TOKEN\n" in (moved.folder / ".env").read_text()
    assert entries(moved).count("tokenward/") == 1
    assert moved.agree("lease", "GITLAB_TOKEN", "--uses", "5") == 0
    assert moved("leave", "--yes").code == 0
    assert contents(moved.folder) == FILES
    assert_nothing_is_left(moved)


def test_a_file_that_was_changed_since_keeps_its_token(moved: Shell) -> None:
    """What it refers to now is not certain; nothing is guessed, and the other files are restored."""
    (moved.folder / "deploy.sh").write_text(
        '#!/bin/sh\nexport GITLAB_TOKEN="$(tokenward get GITLAB_TOKEN)"\n'
    )
    done = moved("leave", "--yes")
    assert done.code == 2
    assert "keyring://acme-api/GITLAB_TOKEN stays: " in done.err
    assert "deploy.sh:2" in done.err
    assert (moved.folder / "app.py").read_text() == APP
    assert moved.get("GITLAB_TOKEN") == tokens.gitlab()


def test_a_changed_file_without_its_look_up_leaves_the_only_copy_in_the_keyring(moved: Shell) -> None:
    (moved.folder / "deploy.sh").write_text("#!/bin/sh\necho done\n")
    (moved.folder / ".env").unlink()
    done = moved("leave", "--yes")
    assert done.code == 0, done.err
    assert "the only copy (keyring://acme-api/GITLAB_TOKEN)" in done.err
    assert moved.get("GITLAB_TOKEN") == tokens.gitlab()


def test_a_clone_in_the_workspace_gets_no_value(moved: Shell) -> None:
    clone = moved.folder / "clone"
    git_tree.repository(clone)
    plant(clone, {".env": "STOLEN=keyring://acme-api/STRIPE_SECRET_KEY\n"})
    before = contents(clone)
    assert moved("leave", "--yes").code == 0
    assert contents(clone) == before


@pytest.mark.slow
def test_all_leaves_every_workspace_hooks_and_completions(moved: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git_tree.repository(other)
    plant(other, {"b.py": f'X = "{tokens.github(5)}"\n'})
    assert moved.at(other)("move", "b.py").code == 0
    hook = other / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexec tokenward scan --staged\n")
    home = Path(moved.environment["HOME"])
    bashrc = home / ".bashrc"
    bashrc.write_text("alias ll='ls -l'\nexec tokenward shell\n")
    before = bashrc.read_text()
    having = moved.having(_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert having("--install-completion", "bash").code == 0
    assert bashrc.read_text() != before
    done = moved("leave", "--yes")
    assert done.code == 0, done.err
    assert bashrc.read_text() != before
    done = moved("leave", "--all", "--yes")
    assert done.code == 0, done.err
    assert "~/.bashrc:2" in done.err
    assert contents(moved.folder) == FILES
    assert contents(other) == {"b.py": f'X = "{tokens.github(5)}"\n'}
    assert not hook.exists()
    assert bashrc.read_text() == before
    assert not (home / ".bash_completions" / "tokenward.sh").exists()
    assert_nothing_is_left(moved)
    done = moved("leave", "--all", "--yes")
    assert done.code == 0, done.err


@pytest.mark.slow
def test_the_last_leave_takes_the_agents_protection_back(moved: Shell, tmp_path: Path) -> None:
    """A hook whose program is gone makes its agent fail, or lets everything through."""
    settings = Path(moved.environment["HOME"], ".claude", "settings.json")
    settings.parent.mkdir()
    settings.write_text('{"env": {"A": "b"}}\n')
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "claude").write_text("#!/bin/sh\necho '2.1.332 (Claude Code)'\n")
    (programs / "claude").chmod(0o755)
    shell = moved.having(PATH=f"{programs}:{Path(TOKENWARD).parent}:{moved.environment['PATH']}")
    shell("agents", "protect", "--yes")
    assert "tokenward" in settings.read_text()
    assert "agent protection" in shell("leave", "--dry-run").err
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert settings.read_text() == '{"env": {"A": "b"}}\n'
    assert "Nothing was added" in shell("agents", "undo").err


def test_a_workspace_whose_folder_is_gone_keeps_its_tokens(moved: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    plant(other, {"b.py": f'X = "{tokens.github(5)}"\n'})
    assert moved.at(other)("move", "b.py").code == 0
    for path in other.iterdir():
        path.unlink()
    other.rmdir()
    done = moved("leave", "--all", "--yes")
    assert done.code == 0, done.err
    assert "Stays: 1 token that no file refers to or holds" in done.err
    assert entries(moved).count("tokenward/other/") == 1
    assert contents(moved.folder) == FILES
    with moved.terminal("leave", "--all", "--erase-unused", "--yes") as terminal:
        terminal.expect("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert_nothing_is_left(moved)


def test_a_folder_without_a_workspace_has_nothing_to_leave(shell: Shell) -> None:
    done = shell("leave", "--yes")
    assert done.code == 2
    assert "has no stored tokens" in done.err


def test_without_tokenward_other_programs_read_and_delete_the_tokens(moved: Shell) -> None:
    """The commands of the page, with the real keyring."""
    service = "tokenward/acme-api/GITLAB_TOKEN"
    keyring = [sys.executable, "-m", "keyring"]

    def output(*command: str) -> str:
        done = subprocess.run(
            command, env=dict(moved.environment), capture_output=True, text=True, check=False
        )
        return done.stdout.removesuffix("\n")

    found = output("grep", "-rnIh", "keyring://", str(moved.folder))
    assert "GITLAB_TOKEN=keyring://acme-api/GITLAB_TOKEN" in found
    assert output("secret-tool", "lookup", "service", service) == tokens.gitlab()
    assert output(*keyring, "get", service, "GITLAB_TOKEN") == tokens.gitlab()
    assert (
        output("secret-tool", "search", "--all", "application", "Python keyring library").count("secret = ")
        == 5
    )
    output("secret-tool", "clear", "service", service)
    assert output("secret-tool", "lookup", "service", service) == ""
    other = "tokenward/acme-api/NPM_TOKEN"
    output(*keyring, "del", other, "NPM_TOKEN")
    assert output("secret-tool", "lookup", "service", other) == ""


def test_on_a_wiped_machine_a_bind_and_a_put_bring_the_workspace_back(moved: Shell) -> None:
    """The files are a backup's, and neither the keyring nor the records are there."""
    with keyring_session.keyring_session() as environment:
        wiped = Shell({**moved.environment, **environment}, moved.folder)
        wiped = wiped.having(XDG_CACHE_HOME=moved.environment["XDG_CACHE_HOME"])
        refused = wiped("run", "--only", "GITLAB_TOKEN", "--no-mask", "printenv", "GITLAB_TOKEN")
        assert refused.code != 0
        assert "`tokenward bind acme-api`" in refused.err
        assert wiped.agree("bind", "acme-api") == 0
        wiped.put("GITLAB_TOKEN", tokens.gitlab("new"))
        done = wiped("run", "--only", "GITLAB_TOKEN", "--no-mask", "printenv", "GITLAB_TOKEN")
        assert done.text == f"{tokens.gitlab('new')}\n", done.err


@pytest.mark.skipif(os.name == "nt", reason="git worktrees are tried on POSIX")
def test_a_worktree_of_the_workspace_is_restored_too(shell: Shell, tmp_path: Path) -> None:
    plant(shell.folder, {"a.py": f'X = "{tokens.github(6)}"\n'})
    assert shell("move", "a.py").code == 0
    git_tree.git(shell.folder, "add", "--force", "a.py", ".env")
    git_tree.git(shell.folder, "commit", "-qm", "moved")
    tree = tmp_path / "tree"
    git_tree.git(shell.folder, "worktree", "add", "-q", str(tree))
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert "keyring://" not in "".join([*contents(shell.folder).values(), *contents(tree).values()])
    assert_nothing_is_left(shell)
