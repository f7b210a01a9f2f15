"""Identifying the caller: its chain of processes, and any assistant in it, even one that hides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody.callers import callers
from tokenward.custody.callers.callers import LONGEST_CHAIN, caller
from tokenward.custody.callers.starters import agent_of

TELL = (
    "import json, os; from tokenward.custody.callers.callers import caller; c = caller(os.getpid());"
    "print(json.dumps([[one.name for one in c.chain], c.agent]))"
)
TELL_UNATTENDED = """
import os, time
from tokenward.custody.callers.callers import caller
while not os.path.exists(os.environ["OUT"] + ".go"):
    time.sleep(0.02)
print(caller(os.getpid()).is_unattended)
"""
PYTHON = [sys.executable, "-c", TELL]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the chain is made of shells")


def caller_of(*command: str, **variables: str) -> tuple[list[str], str]:
    """Return the callers that a Python reports when this command starts it."""
    environment = {**os.environ, **variables}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    names, agent = json.loads(done.stdout)
    return names, agent


def test_the_chain_begins_with_the_process_and_goes_up() -> None:
    own = caller(os.getpid())
    assert [one.pid for one in own.chain[:2]] == [os.getpid(), os.getppid()]
    parents = own.to_json()["parents"]
    assert isinstance(parents, Sequence)
    assert parents[0] == f"{own.chain[0].name} ({os.getpid()})"


def test_nobody_is_known_of_a_process_that_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert caller(process.pid).chain == ()
    assert caller(0).chain == ()


def test_an_assistant_is_known_by_a_variable() -> None:
    assert caller_of(*PYTHON, CLAUDECODE="1")[1] == "Claude Code"


def test_an_assistant_that_unsets_its_variable_is_known_by_those_above() -> None:
    script = 'env -u CLAUDECODE "$0" -c "$1"; true'
    assert caller_of("sh", "-c", script, sys.executable, TELL, CLAUDECODE="1")[1] == "Claude Code"


@pytest.mark.parametrize(
    ("name", "first", "agent"),
    [("claude", "#!/bin/sh", "Claude Code"), ("gemini", f"#!{sys.executable}", "Gemini CLI")],
)
def test_an_assistant_is_known_by_its_programs_name(
    tmp_path: Path, name: str, first: str, agent: str
) -> None:
    script = tmp_path / name
    if first.endswith("sh"):
        script.write_text(f"{first}\n'{sys.executable}' -c '{TELL}'\ntrue\n")
    else:
        script.write_text(f"{first}\nimport subprocess\nsubprocess.run({PYTHON!r})\n")
    script.chmod(0o755)
    assert caller_of(str(script))[1] == agent


def test_an_assistant_does_not_hide_behind_many_shells() -> None:
    """The reported chain is short; the search for an assistant is not limited."""
    nest = 'if [ "$1" -gt 0 ]; then sh -c "$0" "$0" $(($1 - 1)) "$2" "$3"; true; else "$2" -c "$3"; true; fi'
    names, agent = caller_of("sh", "-c", nest, nest, "20", sys.executable, TELL, CLAUDECODE="")
    assert (len(names), agent) == (LONGEST_CHAIN, "")
    start = 'CLAUDECODE= sh -c "$0" "$0" 20 "$1" "$2"; true'
    assert caller_of("sh", "-c", start, nest, sys.executable, TELL, CLAUDECODE="1")[1] == "Claude Code"


def test_a_name_is_printable(tmp_path: Path) -> None:
    script = tmp_path / "e\x1b[2Jvil\u202e"
    script.write_text(f"#!/bin/sh\n'{sys.executable}' -c '{TELL}'\ntrue\n")
    script.chmod(0o755)
    names, _ = caller_of(str(script))
    assert all(name.isprintable() for name in names)
    assert any(name.startswith("e?[2Jvil") for name in names)


def unattended(*command: str) -> bool:
    """Return whether the Python that a command at a terminal finally starts, writing to `$OUT`, is unattended."""
    from starts import at_terminal  # noqa: PLC0415 - not on Windows

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        environment = {**os.environ, "OUT": str(out), "PYTHON": sys.executable, "TELL": TELL_UNATTENDED}
        with at_terminal(command, environment, Path(folder)) as terminal:
            assert terminal.end() == 0
            deadline = time.monotonic() + 60
            while not (out.exists() and (said := out.read_text()).endswith("\n")):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        return said == "True\n"


SAY = '"$PYTHON" -c "$TELL" >"$OUT"; true'
LET = 'touch "$OUT.go"'
"""Lets the Python say it."""
LEFT = f"setsid -f sh -c '{SAY}'; {LET}; until [ -s \"$OUT\" ]; do sleep 0.05; done"


@pytest.mark.parametrize("script", [SAY, f"setsid sh -c '{SAY}'; true"])
def test_a_command_is_attended_where_it_or_one_above_it_has_a_terminal(
    script: str, nobody_attends: None
) -> None:
    assert not unattended("sh", "-c", f"{LET}; {script}")


def test_a_command_that_left_its_parents_and_its_terminal_is_unattended() -> None:
    assert unattended("sh", "-c", LEFT)


def test_the_first_process_of_a_container_attends_to_nothing_that_fell_to_it() -> None:
    """It has a terminal if the container was started at one."""
    container = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc")
    assert unattended(*container, "sh", "-c", LEFT)


def test_what_an_editor_starts_is_attended() -> None:
    assert not caller(os.getpid(), os.getppid()).is_unattended


@pytest.mark.parametrize(
    ("program", "arguments", "agent"),
    [
        ("node", ["node", "/usr/local/bin/codex"], "Codex"),
        ("python3.12", ["/usr/bin/python3.12", "/home/a/.local/bin/aider"], "aider"),
        ("cursor-agent", [], "Cursor"),
        ("claude.exe", ["C:\\bin\\claude.exe"], "Claude Code"),
        ("vim", ["vim", "claude"], ""),
        ("bash", ["-bash"], ""),
        ("", [], ""),
    ],
)
def test_a_program_is_known_by_its_own_name(program: str, arguments: list[str], agent: str) -> None:
    assert agent_of({}, program, arguments) == agent


@pytest.mark.parametrize(
    ("variables", "agent"),
    [
        ({"AI_AGENT": "devin@1"}, "devin@1"),
        ({"AI_AGENT": "a\x1bb" + "c" * 90}, "a?b" + "c" * 37),
        ({"AWS_EXECUTION_ENV": "AmazonQ-For-CLI"}, "Amazon Q"),
        ({"AWS_EXECUTION_ENV": "AWS_Lambda"}, ""),
        ({"CLAUDECODE": ""}, ""),
        ({"OPENCODE": "1"}, "opencode"),
        ({"OPENCODE_PID": "4242"}, "opencode"),
        ({"OPENCODE": "x", "CLAUDECODE": "no", "OPENCODE_PID": "x"}, ""),
        ({"CLINE_ACTIVE": "true"}, "Cline"),
        ({"CLAUDE_CODE_SESSION_ID": "any"}, "Claude Code"),
        ({"EDITOR": "code"}, ""),
    ],
)
def test_a_variable_tells_who_set_it(variables: dict[str, str], agent: str) -> None:
    assert agent_of(variables, "sh", []) == agent


@given(st.text(), st.lists(st.text(), max_size=3), st.dictionaries(st.text(), st.text(), max_size=3))
def test_any_process_can_be_asked_about(
    program: str, arguments: list[str], variables: dict[str, str]
) -> None:
    assert agent_of(variables, program, arguments).isprintable()


@pytest.mark.parametrize(("text", "open_"), [("1\n", True), ("0\n", False), (None, False)])
def test_whether_programs_can_type_into_their_terminal(
    text: str | None, open_: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = tmp_path / "sys" / "dev" / "tty" / "legacy_tiocsti"
    if text is not None:
        setting.parent.mkdir(parents=True)
        setting.write_text(text)
    monkeypatch.setattr(callers, "_PROC", tmp_path)
    assert callers.is_terminal_open() is open_
