from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli_shell import Shell
from git_tree import git, repository
from tokenward.custody.bindings.folder_identity import give_identity

NEEDS_PERSON = "Only a person can decide which folder may use a workspace's tokens; run this in a terminal."


@pytest.fixture
def elsewhere(shell: Shell, tmp_path: Path) -> Shell:
    """A second folder, whose `.env` names the first one's token."""
    shell.put("TOKEN", "the value")
    clone = tmp_path / "clone"
    clone.mkdir()
    clone.joinpath(".env").write_text("TOKEN=keyring://acme-api/TOKEN\n")
    return shell.at(clone)


def test_a_folder_is_bound_by_a_person_who_says_yes(elsewhere: Shell, shell: Shell) -> None:
    assert elsewhere("run", "printenv", "TOKEN").code == 125
    with elsewhere.terminal("bind", "acme-api") as terminal:
        terminal.expect(f"acme-api belongs to {shell.folder} now")
        terminal.expect(f"May programs in {elsewhere.folder} use every token of acme-api?")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert elsewhere("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"
    assert shell("get", "keyring://acme-api/TOKEN").code == 2


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04", "\x03"])
def test_every_other_answer_binds_nothing(elsewhere: Shell, shell: Shell, answer: str) -> None:
    with elsewhere.terminal("bind", "acme-api") as terminal:
        terminal.expect("[y/N]")
        terminal.type(answer)
        assert terminal.end() == (130 if answer == "\x03" else 2)
    assert elsewhere("run", "printenv", "TOKEN").code == 125
    assert shell.get("TOKEN") == "the value"


def test_no_program_can_bind(elsewhere: Shell) -> None:
    for stdin in (b"y\n", b""):
        done = elsewhere("bind", "acme-api", stdin=stdin)
        assert (done.code, done.out) == (2, b"")
        assert done.err == f"tokenward: {NEEDS_PERSON}\n"
    assert elsewhere("run", "printenv", "TOKEN").code == 125


@pytest.mark.parametrize("arguments", [["Acme\x1b[2J"], ["acme", "no-such-folder"], ["../acme"], [""]])
def test_what_cannot_be_bound_is_refused_before_anybody_is_asked(
    bare_shell: Shell, arguments: list[str]
) -> None:
    with bare_shell.terminal("bind", "--", *arguments) as terminal:
        assert terminal.end() == 2
    assert "[y/N]" not in terminal.shown
    assert "\x1b" not in terminal.shown


def test_an_unbound_name_resolves_nowhere_and_its_tokens_stay(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    assert shell("workspaces").text == f"acme-api\t{shell.folder}\n"
    assert NEEDS_PERSON in shell("unbind", "acme-api").err
    assert shell.agree("unbind", "acme-api") == 0
    assert shell("workspaces").text == ""
    assert shell("get", "keyring://acme-api/TOKEN").code == 2
    assert shell.agree("bind", "acme-api") == 0
    assert shell.get("TOKEN") == "the value"


def test_unbinding_a_name_that_is_not_bound_says_so(bare_shell: Shell) -> None:
    done = bare_shell("unbind", "no\x1bsuch")
    assert (done.code, done.err) == (
        2,
        "tokenward: No folder has that name; run `tokenward workspaces` to list the names.\n",
    )


@pytest.fixture
def known(stored: Shell) -> Shell:
    """The workspace with a token, on a file system that supports recognising a folder."""
    if give_identity(stored.folder) is None:
        pytest.skip("this file system keeps nothing that a folder is known by")
    return stored


def test_a_renamed_workspace_goes_on_working_and_is_listed_where_it_is(known: Shell, tmp_path: Path) -> None:
    moved = known.at(known.folder.rename(tmp_path / "renamed"))
    known = known.at(tmp_path)
    assert known("workspaces").text == f"acme-api\t{tmp_path / 'acme-api'}\tgone\n"
    assert moved("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"
    assert known("workspaces").text == f"acme-api\t{moved.folder}\n"
    (entry,) = json.loads(moved("list", "--format", "json").text)["tokens"]
    assert entry["folder"] == str(moved.folder)


def test_a_folder_in_the_place_of_a_deleted_one_is_told_from_it_until_it_is_bound(known: Shell) -> None:
    env = (known.folder / ".env").read_text()
    shutil.rmtree(known.folder)
    known.folder.mkdir()
    (known.folder / ".env").write_text(env)
    done = known("run", "printenv", "TOKEN")
    assert (done.code, done.out) == (125, b"")
    assert "acme-api belongs to the folder that was here before this one" in done.err
    assert known("workspaces").text == f"acme-api\t{known.folder}\treplaced\n"
    with known.terminal("bind", "acme-api") as terminal:
        terminal.expect(f"acme-api belongs to an earlier folder at {known.folder}, which this one replaced.")
        terminal.expect("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert known("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"
    with known.terminal("bind", "acme-api") as terminal:
        terminal.expect(f"acme-api already belongs to {known.folder}.")


def test_a_worktree_gets_what_its_own_files_name(stored: Shell, tmp_path: Path) -> None:
    repository(stored.folder)
    git(stored.folder, "add", ".env")
    git(stored.folder, "commit", "-q", "-m", "first")
    git(stored.folder, "worktree", "add", "-q", str(tmp_path / "feature"))
    worktree = stored.at(tmp_path / "feature")
    assert worktree("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"
    worktree.put("OTHER", "another value")
    worktree.write_env("OTHER=keyring://acme-api/OTHER")
    assert worktree("run", "--no-mask", "sh", "-c", "echo $TOKEN $OTHER").text == "another value\n"
    assert stored.get("OTHER") == "another value"
    assert stored("workspaces").text == f"acme-api\t{stored.folder}\n"
