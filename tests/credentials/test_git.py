"""Git's credential helper, with the real git and a server that asks for a password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_shell import Done, Shell
from credential_checks import add_record, assert_no_value_in_files, start, uses
from git_server import GIT, GitServer, git_server
from hostile import TOKEN


@pytest.fixture
def server(owner: Shell, tmp_path: Path) -> Iterator[GitServer]:
    """A server whose only user is alice, and a global configuration by which git asks Tokenward for it."""
    served = tmp_path / "served"
    served.mkdir()
    with git_server(served, "alice", TOKEN) as running:
        config = Path(owner.environment["HOME"], ".gitconfig")
        section = f'[credential "{running.url}"]\n\thelper =\n\thelper = tokenward\n'
        config.write_text(f"{section}[user]\n\tname = A\n\temail = a@example.com\n")
        yield running


def git(shell: Shell, *arguments: str, **variables: str) -> Done:
    return start(shell.having(**{**GIT, **variables}), ["git", *arguments])


def test_git_pushes_and_clones_with_the_stored_token(owner: Shell, server: GitServer, tmp_path: Path) -> None:
    add_record(owner, server.url, "--user", "alice")
    remote = f"{server.url}/project.git"
    for command in (
        ["commit", "-q", "--allow-empty", "-m", "first"],
        ["push", "-q", remote, "HEAD:main"],
        ["clone", "-q", remote, "copy"],
        ["fetch", "-q", remote],
    ):
        done = git(owner, *command)
        assert (done.code, done.err) == (0, "")
    assert (owner.folder / "copy" / ".git").is_dir()
    assert set(server.logins) == {f"alice:{TOKEN}"}
    assert uses(owner) == [("resolved", f"git:{server.url}")] * 3
    assert_no_value_in_files(owner, tmp_path)


def test_no_other_helper_of_git_gets_the_token(owner: Shell, server: GitServer, tmp_path: Path) -> None:
    version = git(owner, "version").text.split()[2].split(".")
    if [int(part) for part in version[:2]] < [2, 46]:
        pytest.skip("needs git 2.46 or newer, which understands a header")
    config = Path(owner.environment["HOME"], ".gitconfig")
    config.write_text("[credential]\n\thelper = store\n" + config.read_text().replace("\thelper =\n", ""))
    add_record(owner, server.url, "--user", "alice")
    done = git(owner, "ls-remote", f"{server.url}/project.git")
    assert (done.code, done.err) == (0, "")
    assert set(server.logins) == {f"alice:{TOKEN}"}
    assert not config.with_name(".git-credentials").exists()
    assert_no_value_in_files(owner, tmp_path)


def test_git_has_a_typed_password_stored_and_forgets_a_refused_one(
    owner: Shell, server: GitServer, tmp_path: Path
) -> None:
    typed = f"{server.url.replace('//', '//alice@')}/project.git"
    answering = owner.write_script("answer", f'#!/bin/sh\nprintf %s "{"x" * 30}"\n')
    server.password = "x" * 30
    done = git(owner, "ls-remote", typed, GIT_ASKPASS=str(answering))
    assert done.code == 0
    assert "keyring://acme-api/" in done.err
    answering.unlink()
    assert git(owner, "ls-remote", typed).code == 0
    assert_no_value_in_files(owner, tmp_path, "x" * 30)

    server.password = "another"
    done = git(owner, "ls-remote", typed)
    assert done.code != 0
    assert "stays in the keyring" in done.err
    assert owner("credential", "list").out == b""
    assert owner.get("HOST_127_0_0_1_PASSWORD") == "x" * 30
