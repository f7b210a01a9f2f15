"""Every question of the command goes through one check for a person, which no known assistant passes."""

from __future__ import annotations

import ast
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tokens
import tokenward
from cli_shell import Shell

SOURCE = Path(tokenward.__file__).parent
GATE = "cli/support/person.py"
PRIMITIVES = {"confirm", "prompt", "getpass", "input", "getwch", "getwche", "getch", "readline"}
"""Calls by which something that is typed could be read."""
UNGATED = {"ask_hidden", "has_terminal", "assistant", "is_person", "require_yes_to_show"}
"""Of the gate: what answers no question, asks by `require_yes`, or only somebody can type who knows it."""

GATES: dict[str, list[list[str]]] = {
    "agents.protect": [["agents", "protect"], ["agents", "protect", "--yes"]],
    "agents.lift": [["agents", "lift"], ["agents", "lift", "--yes"]],
    "agents.undo": [["agents", "undo"], ["agents", "undo", "--yes"]],
    "agents.transcripts": [
        ["agents", "transcripts", "--store"],
        ["agents", "transcripts", "--revoke"],
    ],
    "agents.store": [["agents", "transcripts", "--store", "--yes"]],
    "agents.redact": [
        ["agents", "transcripts", "--redact"],
        ["agents", "transcripts", "--redact", "--yes"],
    ],
    "provider_subject.require_consent": [["check", "app.py:2"], ["revoke", "app.py:2"]],
    "approve.approve": [["approve"]],
    "bind.bind": [["bind", "acme-api"]],
    "bind.unbind": [["unbind", "acme-api"]],
    "env.env": [["env"], ["env", "--yes"]],
    "credential.add": [["credential", "add", "https://git.example.com", "TOKEN"]],
    "credential.remove": [["credential", "remove", "https://git.example.com"]],
    "credential_helper.help_tool": [["credential", "kubectl", "keyring://acme-api/TOKEN"]],
    "daemon.daemon": [["daemon"]],
    "print_token.print_token": [["get", "TOKEN"], ["get", "TOKEN", "--yes"]],
    "ignore.prune": [["ignore", "prune"], ["ignore", "prune", "--yes"]],
    "ignore._require_consent": [
        ["ignore", "--all", "--reason", "why"],
        ["ignore", "--all", "--reason", "why", "--yes"],
    ],
    "inject.inject": [["inject", "t.yaml", "-o", "-"], ["inject", "t.yaml", "-o", "-", "--yes"]],
    "lease.lease": [["lease", "TOKEN", "--uses", "2"], ["lease", "TOKEN", "--only", "sh"]],
    "lease._require_yes": [["lease", "TOKEN", "--uses", "9"]],
    "ledger.prune": [["ledger", "prune"]],
    "leave.leave": [["leave"], ["leave", "--yes"], ["leave", "--all", "--yes", "--erase-unused"]],
    "move.move": [["move", "app.py:2", "--finish"], ["move", "--all", "--yes", "--finish"]],
    "move._move_many": [["move", "."], ["move", ".", "--yes"], ["move", "--all", "--yes"]],
    "put._replace": [["put", "TOKEN", "--replace"]],
    "rename.rename": [["rename", "TOKEN", "OTHER"]],
    "rm.remove": [["rm", "TOKEN"], ["rm", "TOKEN", "--yes"]],
    "vault.init": [["vault", "init", "--file"]],
    "vault.recover": [["vault", "recover"]],
    "doctor.doctor": [["doctor", "--fix"]],
}
"""By the function that asks: command lines that come to it, and that a person could answer."""
ELSEWHERE = {
    "ask_person.ask_here": "test_ask_person",
    "ignore.add": "below",
    "doctor._wants_test_entry": "below",
    "doctor._fix": "verbs/test_doctor",
    "vault._may_use": "verbs/test_vault",
    "move._agrees": "verbs/test_move_finish",
    "leave._agree_to_lose": "test_leave",
    "passphrase._ask_passphrase": "below",
    "provider_subject._agrees": "verbs/test_put",
    "put._read_value": "below",
}


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((SOURCE / path).read_text(encoding="utf-8"))


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        yield name, tree(name)


def called(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            yield getattr(one.func, "attr", getattr(one.func, "id", ""))


def functions(tree: ast.Module) -> dict[str, set[str]]:
    return {one.name: set(called(one)) for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


@pytest.mark.slow
def test_nothing_that_is_typed_is_read_but_behind_the_gate() -> None:
    """Neither the toolkit's questions nor the terminal is read directly; the Windows console is a part of the gate."""
    parsed = dict(trees())
    reading = {path: PRIMITIVES & set(called(tree)) for path, tree in parsed.items()}
    terminals = {
        path
        for path, tree in parsed.items()
        if any(isinstance(one, ast.Constant) and one.value == "/dev/tty" for one in ast.walk(tree))
    }
    # Output of our own processes, files and Git is read by lines too.
    lines = {path for path, names in reading.items() if names == {"readline"}}
    assert {path for path, names in reading.items() if names} - lines == {GATE, "cli/support/console.py"}
    assert not {path for path in lines if path.startswith("cli/")}
    # A masked command's client asks only whether its process group is in the foreground.
    assert terminals == {GATE, "masked_start.py"}


def test_every_question_looks_at_who_sits_there_first() -> None:
    """Each function of the gate that asks a question calls `require_person` or `refuse_assistants` itself."""
    known = functions(tree(GATE))
    asking = {name for name, calls in known.items() if calls & {"_ask", "getpass", "says_yes"}}
    looking = {name for name, calls in known.items() if calls & {"require_person", "refuse_assistants"}}
    assert asking - looking == {"ask_hidden"}
    assert "refuse_assistants" in known["require_person"]
    assert "require_yes" in known["require_yes_to_show"]
    public = {name for name in known if not name.startswith("_")}
    assert public - looking == UNGATED | {"refuse_assistants", "refuse_agent"}


def test_the_tables_of_these_tests_have_every_gate() -> None:
    known = {name for name in functions(tree(GATE)) if not name.startswith("_")}
    public = known - {"has_terminal", "assistant", "is_person"}
    found = {
        f"{Path(path).stem}.{name}"
        for path, tree in trees()
        if path != GATE
        for name, calls in functions(tree).items()
        if calls & public
    }
    assert found == GATES.keys() | ELSEWHERE.keys()


@pytest.fixture
def gated(stored: Shell) -> Shell:
    """A workspace with something to confirm at every gate."""
    stored("lease", "TOKEN", "--uses", "5")
    stored.folder.joinpath(".git").mkdir()
    stored.folder.joinpath("gone.py").write_text(f'x = "{tokens.npm()}"\n')
    assert stored("ignore", "gone.py:1", "--reason", "a test value").code == 0
    stored.folder.joinpath("gone.py").unlink()
    stored.folder.joinpath("t.yaml").write_text("a: keyring://acme-api/TOKEN\n")
    stored.folder.joinpath("app.py").write_text(f'import os\nx = "{tokens.github()}"\n')
    return stored


def state(shell: Shell) -> tuple[object, ...]:
    """Return everything that the gates protect."""
    ignored = shell.folder.joinpath(".tokenwardignore").read_text()
    vault = Path(shell.environment["HOME"], ".local", "share", "tokenward", "vault.enc")
    printed = shell("workspaces").text, shell("list").text
    return *printed, ignored, vault.exists()


@pytest.mark.slow
def test_no_assistant_passes_a_gate(gated: Shell) -> None:
    """At a terminal that it may have made itself, it is neither asked nor believed, and nothing changes."""
    before = state(gated)
    agent = gated.having(CLAUDECODE="1")
    for command in [line for lines in GATES.values() for line in lines]:
        with agent.terminal(*command) as terminal:
            # Like an assistant that answers before it is asked.
            terminal.type("y\ny\n")
            assert terminal.end() == 2, (command, terminal.shown)
        assert "Only a person can approve this, but Claude Code started" in terminal.shown, command
        assert "[y/N]" not in terminal.shown, command
        assert "the value" not in terminal.shown, command
        event, detail = rows(gated)[-1][0], rows(gated)[-1][3]
        assert (event, detail["agent"], detail["purpose"]) == ("refused", "Claude Code", command[0]), command
    assert state(gated) == before


def rows(shell: Shell) -> list[tuple[str, str | None, str, dict[str, Any]]]:
    """Return event, token, origin and detail of each row of the ledger."""
    path = Path(shell.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT event, name, origin, detail FROM records ORDER BY id").fetchall()
    return [(event, name, origin, json.loads(detail)) for event, name, origin, detail in found]


REFUSED: dict[str, str | None] = {
    "rm TOKEN --yes": "TOKEN",
    "lease keyring://acme-api/TOKEN --uses 9": "TOKEN",
    "get TOKEN --yes": "TOKEN",
    "approve": None,
    "agents undo --yes": None,
}
"""What only a person may do, and the stored token that it names."""


@pytest.mark.parametrize("line", REFUSED)
def test_an_agent_that_is_refused_leaves_a_row_before_it_is_told(line: str, stored: Shell) -> None:
    with stored.having(CLAUDECODE="1").terminal(*line.split()) as terminal:
        assert terminal.end() == 2
    event, name, origin, detail = rows(stored)[-1]
    assert (event, name, origin) == ("refused", REFUSED[line], str(stored.folder))
    assert (detail["agent"], detail["purpose"], detail["why"]) == (
        "Claude Code",
        line.split(maxsplit=1)[0],
        "PersonNeeded",
    )
    assert detail["parents"][0].startswith("tokenward (")


def test_a_person_who_may_do_it_leaves_no_such_row(stored: Shell) -> None:
    assert stored("get", "TOKEN", "--yes").text == "the value\n"
    assert stored("lease", "TOKEN", "--uses", "9").code == 0
    assert stored.agree("lease", "TOKEN", "--uses", "10") == 0
    assert stored("agents", "undo", "--yes").code == 0
    assert stored.agree("rm", "TOKEN") == 0
    assert "refused" not in [event for event, *_ in rows(stored)]


@pytest.mark.parametrize("damage", ["a folder", "noise"])
def test_a_refusal_that_cannot_be_recorded_is_one(damage: str, stored: Shell) -> None:
    ledger = Path(stored.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    ledger.unlink()
    if damage == "a folder":
        ledger.mkdir()
    else:
        ledger.write_bytes(b"noise" * 1000)
    with stored.having(CLAUDECODE="1").terminal("agents", "undo", "--yes") as terminal:
        assert terminal.end() == 2
    assert "Only a person can approve this, but Claude Code started" in terminal.shown


def test_a_report_and_a_review_show_what_an_agent_was_refused(stored: Shell) -> None:
    for line in ("rm TOKEN --yes", "approve"):
        with stored.having(CLAUDECODE="1").terminal(*line.split()) as terminal:
            assert terminal.end() == 2
    assert stored("report", "-o", "report.html").code == 0
    page = stored.folder.joinpath("report.html").read_text()
    assert page.count("only a person may do that") == 2
    assert "tokenward approve" in page
    stored.folder.joinpath("empty.json").write_text("[]")
    found = json.loads(stored("review", "--log", "empty.json", "--format", "json").text)
    assert (found["refusals"], [one["refusals"] for one in found["tokens"]]) == (1, [1])
    told = "AI agents were refused 1 command here that only a person may give."
    assert told in stored("review", "--log", "empty.json").text


def test_a_script_without_an_assistant_still_says_yes(gated: Shell) -> None:
    for command in (["get", "TOKEN", "--yes"], ["ignore", "prune", "--yes"], ["rm", "TOKEN", "--yes"]):
        assert gated(*command).code == 0, command


def test_what_was_typed_before_a_question_is_no_answer(gated: Shell) -> None:
    with gated.terminal("rm", "TOKEN", typed="y\ny\ny\n") as terminal:
        terminal.expect("y\r\ny\r\ny\r\n")
        terminal.expect("permanently? [y/N]: ")
        terminal.type("\n")
        assert terminal.end() == 2
    assert gated.get("TOKEN") == "the value"


@pytest.mark.parametrize(
    ("command", "question"), [("doctor", "test entry"), ("ignore app.py:2", "Why may the token stay")]
)
def test_an_assistant_is_not_asked_for_what_can_be_said_otherwise(
    gated: Shell, command: str, question: str
) -> None:
    with gated.having(CLAUDECODE="1").terminal(*command.split()) as terminal:
        terminal.end()
    assert question not in terminal.shown


def test_whoever_types_a_value_sees_that_an_assistant_asks_for_it(gated: Shell) -> None:
    with gated.having(CLAUDECODE="1").terminal("put", "OTHER") as terminal:
        terminal.expect("Note: Claude Code started the command that asks for this.")
        terminal.expect("Value of OTHER: ")
        terminal.type("another value\n")
        assert terminal.end() == 0


def test_who_binds_and_unbinds_is_in_the_ledger(gated: Shell) -> None:
    for verb in ("unbind", "bind"):
        assert gated.agree(verb, "acme-api") == 0
    path = Path(gated.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    query = "SELECT event, origin, detail FROM records WHERE event IN ('bound', 'unbound') ORDER BY id"
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(query).fetchall()
    assert [(event, origin) for event, origin, _ in rows] == [
        ("unbound", str(gated.folder)),
        ("bound", str(gated.folder)),
    ]
    for _, _, detail in rows:
        assert json.loads(detail)["parents"][0].startswith("tokenward (")
