"""`inject` writes values completely or not at all, to files that only their owner can read and Git would not commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import git_tree
from cli_shell import TOKENWARD, Done, Shell


@pytest.fixture
def template(stored: Shell) -> Shell:
    """A workspace with a token and a template that names it."""
    stored.folder.joinpath("conf.tmpl").write_text("a: keyring://acme-api/TOKEN\n")
    return stored


@pytest.fixture
def repository(template: Shell) -> Shell:
    """The same in a repository that ignores `secret*`."""
    git_tree.repository(template.folder)
    template.folder.joinpath(".gitignore").write_text("secret*\n")
    return template


def inject(shell: Shell, output: str | Path) -> Done:
    return shell("inject", "conf.tmpl", "--output", str(output))


def assert_refused(done: Done, target: Path) -> None:
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert "another file" in done.err or "elsewhere" in done.err or "outside" in done.err
    assert not target.exists() or b"the value" not in target.read_bytes()


def test_a_file_that_is_ignored_and_tracked_all_the_same_is_refused(repository: Shell) -> None:
    target = repository.folder / "secret.conf"
    target.write_text("old")
    git_tree.git(repository.folder, "add", "--force", "secret.conf")
    assert_refused(inject(repository, "secret.conf"), target)
    target.unlink()
    assert_refused(inject(repository, "secret.conf"), target)
    git_tree.git(repository.folder, "rm", "-q", "--cached", "secret.conf")
    assert inject(repository, "secret.conf").code == 0


@pytest.mark.parametrize("name", ["plain", ":(exclude)secret", "*", "new/plain", "-x", "secret/../plain"])
def test_what_git_would_commit_is_refused_whatever_it_is_called(repository: Shell, name: str) -> None:
    done = repository("inject", "conf.tmpl", f"--output={name}")
    assert_refused(done, repository.folder / name)


@pytest.mark.parametrize("name", ["secret", "secret *?[a].conf", "secret.d/plain", "secret\n.conf"])
def test_what_git_ignores_is_written(repository: Shell, name: str) -> None:
    assert repository("inject", "conf.tmpl", f"--output={name}").code == 0
    target = repository.folder / name
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("a: the value\n", 0o600)
    assert git_tree.git(repository.folder, "status", "--porcelain", "-uall").split() == [
        *(b"??", b".env", b"??", b".gitignore", b"??", b"conf.tmpl")
    ]


@pytest.mark.parametrize("name", [".git/secret", ".git/hooks/secret", ".GIT/secret", "secret/.git"])
def test_nothing_is_written_into_gits_own_folder(repository: Shell, name: str) -> None:
    assert_refused(inject(repository, name), repository.folder / name)


def test_the_repository_that_counts_is_that_of_the_output(repository: Shell, tmp_path: Path) -> None:
    other = git_tree.repository(tmp_path / "other")
    (repository.folder / "secret-link").symlink_to(other)
    assert_refused(inject(repository, other / "secret"), other / "secret")
    assert_refused(inject(repository, "secret-link/secret"), other / "secret")
    named = repository.having(GIT_DIR=str(repository.folder / ".git"), GIT_INDEX_FILE="/dev/null")
    assert_refused(inject(named, other / "secret"), other / "secret")
    other.joinpath(".gitignore").write_text("secret\n")
    assert inject(repository, other / "secret").code == 0


def test_without_git_nothing_is_written_into_a_repository(repository: Shell, tmp_path: Path) -> None:
    without = repository.having(PATH=str(tmp_path))
    assert_refused(inject(without, "secret"), repository.folder / "secret")
    assert inject(without, tmp_path / "outside").code == 0


def test_a_repository_that_git_cannot_read_is_refused(repository: Shell) -> None:
    repository.folder.joinpath(".git", "config").write_text("broken [")
    assert_refused(inject(repository, "secret"), repository.folder / "secret")


def test_a_hostile_configuration_runs_nothing(repository: Shell) -> None:
    program = repository.write_script("program", f"#!/bin/sh\ntouch '{repository.folder}/ran'\n")
    settings = ["fsmonitor", "hooksPath", "pager", "sshCommand", "editor", "askPass", "attributesFile"]
    lines = "".join(f"\t{name} = {program}\n" for name in settings)
    config = repository.folder / ".git" / "config"
    config.write_text(f'{config.read_text()}[core]\n{lines}[filter "f"]\n\tclean = {program}\n')
    repository.folder.joinpath(".gitattributes").write_text("* filter=f\n")
    for name in ("plain", "secret"):
        inject(repository, name)
    assert not repository.folder.joinpath("ran").exists()


@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "fifo", "template", "hard link"])
def test_what_is_no_file_of_its_own_is_refused(template: Shell, kind: str, tmp_path: Path) -> None:
    target, victim = template.folder / "conf", tmp_path / "victim"
    if kind != "dangling":
        victim.write_text("kept")
    make = {
        "link": lambda: target.symlink_to(victim),
        "dangling": lambda: target.symlink_to(victim),
        "folder": target.mkdir,
        "fifo": lambda: os.mkfifo(target),
        "template": lambda: target.symlink_to("conf.tmpl"),
        "hard link": lambda: target.hardlink_to(template.folder / "conf.tmpl"),
    }
    make[kind]()
    done = inject(template, "conf")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert not victim.exists() or victim.read_text() == "kept"
    assert "the value" not in template.folder.joinpath("conf.tmpl").read_text()


def test_a_file_that_is_there_is_replaced_and_its_other_names_keep_what_they_had(template: Shell) -> None:
    target = template.folder / "conf"
    target.write_text("old")
    target.chmod(0o644)
    template.folder.joinpath("other name").hardlink_to(target)
    assert inject(template, "conf").code == 0
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("a: the value\n", 0o600)
    assert template.folder.joinpath("other name").read_text() == "old"


def test_a_folder_that_others_may_write_to_is_refused(template: Shell) -> None:
    open_to_all = template.folder / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    done = inject(template, "open/conf")
    assert (done.code, list(open_to_all.iterdir())) == (2, [])


def test_a_pipe_gets_the_values_and_nothing_is_written(repository: Shell) -> None:
    before = sorted(repository.folder.iterdir())
    done = repository("inject", "conf.tmpl", "-o", "-")
    assert (done.code, done.out, done.err) == (0, b"a: the value\n", "")
    assert sorted(repository.folder.iterdir()) == before


def test_a_terminal_shows_the_values_only_after_a_yes(template: Shell) -> None:
    with template.terminal("inject", "conf.tmpl", "-o", "-") as terminal:
        terminal.expect("[y/N]")
        assert "a: the value" not in terminal.shown
        terminal.type("n\n")
        assert terminal.end() != 0
        assert "a: the value" not in terminal.shown
    assert template.agree("inject", "conf.tmpl", "-o", "-") == 0


def test_a_redirection_to_a_file_is_refused_because_git_could_commit_it(template: Shell) -> None:
    target = template.folder / "out"
    with target.open("wb") as stdout:
        done = subprocess.run(
            [TOKENWARD, "inject", "conf.tmpl", "-o", "-"],
            env=dict(template.environment),
            cwd=template.folder,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, b"--output" in done.stderr, target.read_bytes()) == (2, True, b"")
