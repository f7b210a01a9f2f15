"""`tokenward report`, with a real keyring."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from page_checks import Page, unclear, unsafe


@pytest.fixture
def used_shell(shell: Shell) -> Shell:
    """A workspace in which one token was moved and used, and another refused."""
    # Compiles the rules, for which a move on a busy machine has no time.
    shell("doctor")
    shell.write_env(f"GITHUB_TOKEN={tokens.github()}")
    assert shell("move", ".env").code == 0
    assert shell("run", "true").code == 0
    shell.write_env("OTHER=keyring://acme-api/NOT_THERE", name="other.env")
    assert shell("run", "--env-file", "other.env", "true").code != 0
    return shell


def report(shell: Shell, *options: str, name: str = "report.html") -> Page:
    done = shell("report", "-o", name, *options)
    assert (done.code, done.out, done.err) == (0, b"", f"Wrote the report to {name}.\n")
    return Page((shell.folder / name).read_text("utf-8"))


def test_the_page_tells_what_was_moved_used_and_refused(used_shell: Shell) -> None:
    page = report(used_shell)
    assert (page.faults, unsafe(page), unclear(page)) == ([], [], [])
    assert "acme-api" in page.words
    assert "No token is exposed now. The one token that leaked is gone." in page.words
    assert "keyring://acme-api/GITHUB_TOKEN" in page.words
    assert "keyring://acme-api/NOT_THERE" in page.words
    assert "the keyring has no such token" in page.words


def test_no_value_is_in_the_page_and_nobody_else_may_read_it(used_shell: Shell) -> None:
    report(used_shell)
    written = used_shell.folder / "report.html"
    assert tokens.github() not in written.read_text("utf-8")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_another_folder_is_told_of_nothing_that_is_not_its_own(used_shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    page = report(used_shell.at(other))
    assert "No token is known to have been in plain text here." in page.words
    assert "acme-api" not in page.words
    assert "acme-api" in report(used_shell.at(other), "--all-workspaces").words
    assert "acme-api" in report(used_shell.at(other), str(used_shell.folder)).words


def test_what_was_over_before_is_left_out(used_shell: Shell) -> None:
    words = report(used_shell, "--since", "2999-01-01").words
    assert "No token is known to have been in plain text here." in words
    assert "Nobody yet." in words
    assert ", since 2999-01-01" in words


def test_a_report_is_replaced_whole_and_a_link_is_not_followed(used_shell: Shell) -> None:
    report(used_shell)
    report(used_shell)
    assert [path.name for path in used_shell.folder.iterdir() if path.name.startswith(".report")] == []
    target = used_shell.folder / "kept.txt"
    target.write_text("kept")
    (used_shell.folder / "link.html").symlink_to(target)
    done = used_shell("report", "-o", "link.html")
    assert done.code == 2
    assert "is not a regular file, so nothing was written" in done.err
    assert target.read_text() == "kept"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "nosuch/report.html"], "cannot be written"),
        (["-o", "r.html", "--since", "yesterday"], "Invalid time; write it as 2026-11-25"),
        (["-o", "r.html", "nosuch"], "nosuch is not an accessible folder"),
        ([], "Missing option"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    bare_shell: Shell, arguments: list[str], said: str
) -> None:
    done = bare_shell("report", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_report_needs_no_keyring(bare_shell: Shell) -> None:
    assert "Nothing, as far as Tokenward has scanned." in report(bare_shell).words.replace("\n", "")


def test_a_file_that_was_scanned_by_several_paths_is_told_of_once(bare_shell: Shell) -> None:
    (bare_shell.folder / "a.py").write_text(f'A = "{tokens.github()}"\n')
    link = bare_shell.folder.with_name("link")
    link.symlink_to(bare_shell.folder)
    for name in (".", "../link", "../link/a.py"):
        assert bare_shell("scan", name).code == 1
    assert bare_shell("ledger", "show").text.count("a.py") == 1
    assert report(bare_shell).words.count("a.py") == 1
