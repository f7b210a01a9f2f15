"""An AI agent is shown the records of the workspace in which it was started, wherever its commands go; a person all."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cli_shell import TOKENWARD, Shell
from starts import orphaned
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="started like an agent by /bin/sh and its /proc"
)

VERBS = {
    "list": ("list",),
    "list for programs": ("list", "--format", "json"),
    "ledger show": ("ledger", "show"),
    "ledger show by event": ("ledger", "show", "--event", "found", "-n", "1"),
    "ledger export": ("ledger", "export"),
    "workspaces": ("workspaces",),
    "report of all": ("report", "-o", "{page}", "--all-workspaces"),
    "report of the other": ("report", "-o", "{page}", "{other}"),
}
STARTED_ELSEWHERE = (
    "import subprocess, sys; sys.exit(subprocess.run(sys.argv[2:], cwd=sys.argv[1]).returncode)"
)
AGENT = '(cd "$0" && "$@"; exit $?); exit $?'


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return tmp_path / "other-api"


@pytest.fixture
def user(bare_shell: Shell, other: Path) -> Shell:
    """A person in a workspace, who has another one; of each, the records know a token and where it was found."""
    for number, folder in enumerate((bare_shell.folder, other)):
        folder.mkdir(exist_ok=True)
        name = Bindings(bare_shell.data / "custody.db").claim(folder, folder.name)
        token = Reference(name, "TOKEN_OF_" + folder.name[:4].upper())
        Entries(bare_shell.data / "custody.db").add(token, Fingerprint(f"{number:032}"), "x")
        ledger = Ledger(bare_shell.data / "ledger.db")
        ledger.record(Event.PUT, reference=token, origin=str(folder))
        found = {"surface": "file", "label": f"found in {folder.name}"}
        place = str(folder / "app.py")
        ledger.record(Event.FOUND, fingerprint=Fingerprint(f"{number:032}"), origin=place, detail=found)
    return bare_shell


def seen(shell: Shell, verb: str, other: Path) -> str:
    """Return what a verb shows, whether it prints that or writes it into a file."""
    page = other.parent / "page.html"
    done = shell(*(word.format(page=page, other=other) for word in VERBS[verb]))
    assert done.code == 0, done.err
    return done.text + (page.read_text() if page.exists() else "")


def agents(user: Shell, other: Path) -> dict[str, Shell]:
    """Return agents in the user's workspace, each with its way into the other one."""
    program = user.folder.parent / "claude"
    program.write_text(f"#!/bin/sh\n{AGENT.replace('$0', str(other))}\n")
    program.chmod(0o755)
    elsewhere = (sys.executable, "-c", STARTED_ELSEWHERE, str(other))
    return {
        "it starts the command there": replace(user.having(CLAUDECODE="1"), before=elsewhere),
        "its own program changes the folder of a shell": replace(user, before=(str(program),)),
        "its own program works there": replace(user, before=(str(program),)).at(other),
        "the shell is gone, and the variables are others": replace(
            user.having(CLAUDECODE="1"),
            before=(*elsewhere, "env", "-u", "CLAUDECODE", f"PWD={other}", "AI_AGENT=other"),
        ),
        "the command alone is known to be an agent's": replace(
            user,
            before=("sh", "-c", f'CLAUDECODE=1 sh -c \'cd "$0" && exec "$@"\' {other} "$@"; exit $?', "sh"),
        ),
    }


WAYS = (
    "it starts the command there",
    "its own program changes the folder of a shell",
    "the shell is gone, and the variables are others",
    "the command alone is known to be an agent's",
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_shows_an_agent_the_records_of_another_workspace(
    user: Shell, other: Path, verb: str, way: str
) -> None:
    text = seen(agents(user, other)[way], verb, other)
    assert "TOKEN_OF_OTHE" not in text
    assert "found in other-api" not in text
    if verb != "report of the other":
        assert "other-api" not in text
        assert "acme-api" in text


@pytest.mark.parametrize("verb", VERBS)
def test_a_person_sees_all_and_an_agent_its_own_wherever_they_are(
    user: Shell, other: Path, verb: str
) -> None:
    below = user.folder / "below"
    below.mkdir()
    for folder in (user.folder, other, below):
        assert "other-api" in seen(user.at(folder), verb, other)
    assert "other-api" in seen(agents(user, other)["its own program works there"], verb, other)
    if verb != "report of the other":
        for folder in (user.folder, below):
            assert "acme-api" in seen(user.having(CLAUDECODE="1").at(folder), verb, other)


def test_a_command_that_left_its_agent_behind_sees_no_workspace(user: Shell, other: Path) -> None:
    line = 'for verb in list workspaces "ledger show"; do "$0" $verb; done 2>&1'
    done = orphaned(["sh", "-c", line, TOKENWARD], user.environment, other)
    assert "-api" not in done.text
    assert "it is shown no others" in done.text


def test_an_agent_in_a_folder_without_a_workspace_sees_what_was_found_there_alone(
    user: Shell, tmp_path: Path
) -> None:
    plain = tmp_path / "plain"
    plain.joinpath(".git").mkdir(parents=True)
    Ledger(user.data / "ledger.db").record(Event.FOUND, origin=str(plain / "here.py"))
    agent = agents(user, plain)["its own program works there"]
    shown = agent("ledger", "show").text
    assert "here.py" in shown
    assert "-api" not in shown
    assert agent("workspaces").text == ""
