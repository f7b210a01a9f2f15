"""Tokens that a person must approve, at a terminal and without one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli_shell import TOKENWARD, Shell

PROMPT = "[o]nce, this [s]ession, or [d]eny (default)? "
RUN = ("run", "--no-mask", "--", "sh", "-c", 'test "$TOKEN" = "the value" && echo given')


@pytest.fixture
def confirmed(stored: Shell) -> Shell:
    """A workspace with a token that a person must approve once a session."""
    done = stored("lease", "TOKEN", "--confirm", "session")
    assert done.code == 0, done.err
    return stored


def refusals(shell: Shell) -> list[str]:
    path = Path(shell.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    query = "SELECT json_extract(detail, '$.why') FROM records WHERE event = 'refused' ORDER BY id"
    with closing(sqlite3.connect(path)) as connection:
        return [why for (why,) in connection.execute(query)]


@pytest.mark.parametrize(
    ("typed", "is_given"), [("o\n", True), ("ONCE\n", True), ("\n", False), ("yes\n", False)]
)
def test_a_person_at_the_terminal_is_asked(confirmed: Shell, typed: str, is_given: bool) -> None:
    """Approval for one use covers one use; an invalid answer is a no."""
    with confirmed.terminal(*RUN) as terminal:
        terminal.expect(PROMPT)
        assert "A command wants to start a program with TOKEN in its environment" in terminal.shown
        terminal.type(typed)
        assert (terminal.end() == 0) == is_given
        assert ("given" in terminal.shown.split(PROMPT)[1]) == is_given
    assert refusals(confirmed) == ([] if is_given else ["ApprovalDenied"])


def test_a_yes_for_the_session_is_asked_for_once(confirmed: Shell, nobody_attends: None) -> None:
    """Approval covers every terminal of the login, but no process without a terminal, which could be anyone's."""
    with confirmed.terminal(*RUN) as terminal:
        terminal.expect(PROMPT)
        terminal.type("s\n")
        assert terminal.end() == 0
    with confirmed.terminal(*RUN) as terminal:
        assert terminal.end() == 0
        assert terminal.shown == "given\r\n"
    assert "nobody can be asked here" in confirmed(*RUN).err


def test_what_was_typed_before_the_question_is_no_answer(confirmed: Shell) -> None:
    # Once the shell has its line, the terminal has the others too, which nothing else would guarantee.
    command = ("sh", "-c", 'IFS= read -r _; exec "$@"', "-", TOKENWARD)
    with confirmed.terminal(*RUN, command=command) as terminal:
        terminal.type("\no\no\no\n")
        terminal.expect(PROMPT)
        terminal.type("\n")
        assert terminal.end() == 125


def test_an_assistant_at_a_terminal_is_refused(confirmed: Shell) -> None:
    """It could type the answer itself; the processes that started the command reveal it, too."""
    hiding = ("sh", "-c", 'env -u CODEX_THREAD_ID "$0" run printenv; true', TOKENWARD)
    for command in ((TOKENWARD, "run", "printenv"), hiding):
        with confirmed.having(CODEX_THREAD_ID="7").terminal(command=command) as terminal:
            terminal.end()
            assert "Codex started the command" in terminal.shown
            assert "[o]nce" not in terminal.shown
            assert "the value" not in terminal.shown
    assert refusals(confirmed) == ["ApprovalUnavailable"] * 2


def test_without_a_terminal_and_an_editor_every_use_is_refused(confirmed: Shell) -> None:
    """Each refusal is in the ledger."""
    template = confirmed.folder / "template"
    template.write_text("keyring://acme-api/TOKEN")
    for command in (RUN, ("get", "TOKEN"), ("inject", str(template), "-o", "filled")):
        done = confirmed(*command)
        assert (done.code in (2, 125), done.text) == (True, "")
        assert "nobody can be asked here" in done.err
    assert refusals(confirmed) == ["ApprovalUnavailable"] * 3
    assert not (confirmed.folder / "filled").exists()
