"""The steps left after `tokenward move` that it does itself."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell

TOOL = """#!/bin/sh
case $* in "auth status --hostname github.com") exit ${SIGNED_OUT:-0} ;; esac
printf '%s <%s>\\n' "${0##*/} $*" "$(cat)$AZURE_DEVOPS_EXT_PIPELINE_VAR_NPM_TOKEN_VALUE" >> "$HOME/called"
exit ${FAILS:-0}
"""
"""Writes down its arguments and its stdin."""
CIRCLECI = "version: 2.1\njobs:\n  a:\n    environment:\n      NPM_TOKEN: {}\n    steps: [run: make]\n"
FILES = {
    "gh": (".github/workflows/ci.yml", "env:\n  NPM_TOKEN: {}\n", "secret set NPM_TOKEN --repo URL"),
    "glab": (
        ".gitlab-ci.yml",
        "variables:\n  NPM_TOKEN: {}\n",
        "variable set NPM_TOKEN --masked --raw --repo URL",
    ),
    "az": (
        "azure-pipelines.yml",
        "variables:\n  NPM_TOKEN: {}\n",
        "pipelines variable create --name NPM_TOKEN_VALUE --secret true --pipeline-name shop",
    ),
    "drone": (
        ".drone.yml",
        "steps:\n- environment:\n    NPM_TOKEN: {}\n",
        "secret add --name NPM_TOKEN --data @/dev/stdin acme/shop",
    ),
    "woodpecker-cli": (
        ".woodpecker.yml",
        "steps:\n- environment:\n    NPM_TOKEN: {}\n",
        "repo secret add --name NPM_TOKEN --value @/dev/stdin acme/shop",
    ),
    "circleci": (".circleci/config.yml", CIRCLECI, "project secret create github acme shop NPM_TOKEN"),
}
KEY = "credential.https://git.example.com.helper"


@pytest.fixture
def workspace(shell: Shell, tmp_path: Path) -> Shell:
    """A working copy of github.com/acme/shop, where the tools of FILES are on PATH."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in FILES:
        (tools / name).write_text(TOOL)
        (tools / name).chmod(0o755)
    found = shell.having(PATH=f"{tools}:{shell.environment['PATH']}")
    git(found, "init", "-q")
    git(found, "config", "remote.origin.url", f"https://{'me:secret'}@github.com/acme/shop.git")
    return found


def git(shell: Shell, *words: str) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=shell.folder,
        env=dict(shell.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def called(shell: Shell) -> str:
    path = Path(shell.environment["HOME"], "called")
    return path.read_text() if path.exists() else ""


def plant(shell: Shell, tool: str) -> Path:
    name, text, _ = FILES[tool]
    path = shell.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.format(tokens.npm()))
    return path


@pytest.mark.parametrize("tool", FILES)
def test_a_secret_is_set_for_the_repository_that_origin_names(workspace: Shell, tool: str) -> None:
    path = plant(workspace, tool)
    done = workspace("move", str(path), "--finish")
    assert done.code == 0, done.err
    words = FILES[tool][2].replace("URL", "https://github.com/acme/shop")
    assert called(workspace) == f"{tool} {words} <{tokens.npm()}>\n"
    assert f"Done: {tool} {words}" in done.err
    assert "Next:" not in done.err
    assert "secret@" not in done.err


def test_a_person_is_asked_once_after_the_commands_are_shown(workspace: Shell) -> None:
    path = plant(workspace, "gh")
    before = path.read_text()
    for answer, end in (
        ("n", ""),
        ("y", f"gh secret set NPM_TOKEN --repo https://github.com/acme/shop <{tokens.npm()}>\n"),
    ):
        path.write_text(before)
        with workspace.terminal("move", str(path)) as terminal:
            terminal.expect("Left to do: gh secret set NPM_TOKEN --repo https://github.com/acme/shop")
            terminal.expect("[y/N]: ")
            terminal.type(f"{answer}\n")
            assert terminal.end() == 0
        assert called(workspace) == end
        assert ("Next: Set the secret in GitHub" in terminal.shown) == (answer == "n")


def test_nothing_is_done_unasked_by_an_assistant_or_where_the_target_is_not_known(workspace: Shell) -> None:
    path = plant(workspace, "gh")
    before = path.read_text()
    assert "Next: Set the secret" in workspace("move", str(path)).err
    path.write_text(before)
    with workspace.having(CLAUDECODE="1").terminal("move", str(path)) as terminal:
        assert terminal.end() == 0
    assert "[y/N]" not in terminal.shown
    for remote in ("", "../shop", "ext::sh -c id", "https://github.com/--repo/-x", "https://github.com/shop"):
        path.write_text(before)
        git(workspace, "config", "remote.origin.url", remote)
        assert workspace("move", str(path), "--finish").code == 0
    assert called(workspace) == ""


def test_a_program_of_the_repository_gets_no_value(workspace: Shell) -> None:
    path = plant(workspace, "gh")
    own = workspace.folder / "bin"
    own.mkdir()
    (own / "gh").write_text(TOOL)
    (own / "gh").chmod(0o755)
    found = workspace.having(PATH=f"{own}:{workspace.environment['PATH']}")
    assert found("move", str(path), "--finish").code == 0
    assert called(workspace) == ""


def test_a_step_that_fails_is_still_left(workspace: Shell) -> None:
    path = plant(workspace, "gh")
    done = workspace("move", str(path), "--finish", FAILS="3")
    assert done.code == 2
    assert "`gh secret set NPM_TOKEN --repo https://github.com/acme/shop` failed" in done.err
    assert "Next: Set the secret in GitHub" in done.err
    assert "secrets.NPM_TOKEN" in path.read_text()


@pytest.mark.parametrize("tool", ["gh", "glab"])
def test_a_host_where_the_user_has_no_account_gets_no_value(workspace: Shell, tool: str) -> None:
    """A stranger's repository says where it came from."""
    path = plant(workspace, tool)
    done = workspace.having(SIGNED_OUT="1")("move", str(path), "--finish")
    assert (done.code, f"{tool} is not signed in to github.com" in done.err) == (2, True)
    assert called(workspace) == ""


@pytest.mark.parametrize("undo", [["restore", ".git-credentials"], ["leave", "--yes"]])
def test_git_asks_tokenward_until_the_token_is_back(workspace: Shell, undo: list[str]) -> None:
    path = workspace.folder / ".git-credentials"
    path.write_text(f"https://ada:{tokens.github()}@git.example.com\n")
    done = workspace("move", str(path), "--finish")
    assert done.code == 0, done.err
    assert git(workspace, "config", "--global", "--get-all", KEY) == "\ntokenward\n"
    assert workspace(*undo).code == 0
    assert git(workspace, "config", "--global", "--get-all", KEY) == ""


def test_a_helper_that_the_user_has_chosen_stays(workspace: Shell) -> None:
    path = workspace.folder / ".git-credentials"
    path.write_text(f"https://ada:{tokens.github()}@git.example.com\n")
    git(workspace, "config", "--global", KEY, "cache")
    assert "Next: Start git with" in workspace("move", str(path), "--finish").err
    assert workspace("restore", str(path)).code == 0
    assert git(workspace, "config", "--global", "--get-all", KEY) == "cache\n"


def test_a_folder_that_is_called_like_a_command_starts_none(workspace: Shell) -> None:
    """A step names the environment file of a token that is moved in the home folder."""
    home = Path(workspace.environment["HOME"])
    path = home / "`git config --global core.pager evil`" / ".env"
    path.parent.mkdir()
    git(replace(workspace, folder=home), "init", "-q")
    path.write_text(f"GITHUB_TOKEN={tokens.github()}\n")
    done = replace(workspace, folder=home)("move", str(path), "--finish")
    assert "core.pager evil`/.env" in done.err
    assert git(workspace, "config", "--global", "core.pager") == ""
