"""Progress of a scan: shown only to a person at a terminal, and removed without a trace on Ctrl-C."""

from __future__ import annotations

import shutil

import pytest

import tokens
from cli_shell import TOKENWARD, Shell
from git_tree import git, repository


@pytest.fixture
def shell(bare_shell: Shell) -> Shell:
    """A shell at an ordinary terminal, in a folder with a token."""
    bare_shell.folder.joinpath("a.py").write_text(f'x = "{tokens.github()}"\n')
    return bare_shell.without("CI").having(TERM="xterm")


def seen(shell: Shell, *arguments: str, command: tuple[str, ...] = (TOKENWARD,)) -> str:
    with shell.terminal(*arguments, command=command) as terminal:
        assert terminal.end() == 1
        return terminal.shown


@pytest.mark.parametrize("kind", [(), ("--diff", "HEAD"), ("--history",)])
def test_a_person_sees_how_far_it_is_and_then_the_findings(shell: Shell, kind: tuple[str, ...]) -> None:
    folder = repository(shell.folder)
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    if kind == ("--history",):
        git(folder, "add", "--all")
        git(folder, "commit", "-q", "-m", "second")
    shown = seen(shell, "scan", *kind)
    assert "Scanning: " in shown
    assert "a.py" in shown.rpartition("Scanning: ")[2]


def test_nobody_else_sees_it(shell: Shell) -> None:
    pipe = ("sh", "-c", f'"{TOKENWARD}" scan 2>&1 | cat; exit 1')
    for other in (
        seen(shell.having(CI="true"), "scan"),
        seen(shell.having(TERM="dumb"), "scan"),
        seen(shell, "scan", "--format", "json"),
        seen(shell, command=pipe),
        shell("scan").err,
    ):
        assert "Scanning" not in other


def test_it_is_shown_while_the_findings_go_elsewhere(shell: Shell) -> None:
    shown = seen(shell, command=("sh", "-c", f'"{TOKENWARD}" scan > report.txt'))
    assert "Scanning: " in shown
    assert "a.py:" not in shown
    assert "Scanning" not in shell.folder.joinpath("report.txt").read_text()


def test_ctrl_c_ends_a_scan_without_a_traceback(shell: Shell) -> None:
    """A git that never answers simulates a repository that takes for ever."""
    git(repository(shell.folder), "add", "--all")
    real = shutil.which("git")
    script = f'#!/bin/sh\ncase "$*" in *cat-file*) exec sleep 600;; *) exec "{real}" "$@";; esac\n'
    place = shell.write_script("bin/git", script).parent
    with shell.having(PATH=f"{place}:{shell.environment['PATH']}").terminal("scan", "--staged") as terminal:
        terminal.expect("Scanning: 0 files")
        terminal.type("\x03")
        assert terminal.end() == 130
        assert "Traceback" not in terminal.shown
