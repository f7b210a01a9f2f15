"""What masks an agent's commands tells it nothing about a value that it does not print whole."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

import tokens
from cli_shell import TOKENWARD, SetUp, Shell
from starts import in_session
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.operations.agents.known_secrets import HIDDEN

PROD = tokens.npm("prod")[4:]
"""A value without a form, which only its fingerprint identifies."""
OWN = tokens.github("own")
WAITING = (
    "import sys, time\n"
    "for one in sys.argv[1:]:\n"
    "    sys.stdout.write(one.replace('|', chr(10))); sys.stdout.flush(); time.sleep(0.4)\n"
)


@pytest.fixture
def agent(shell: Shell, set_up: SetUp, tmp_path: Path) -> Shell:
    """An agent in a workspace with a token, beside another with one that it must not see."""
    other = tmp_path / "prod"
    other.mkdir()
    with set_up():
        shell.at(other).put("PASSWORD", PROD)
        shell.put("GITHUB_TOKEN", OWN)
    return shell.having(CLAUDECODE="1")


def printed(agent: Shell, *pieces: str) -> str:
    done = agent("exec", "--mask", "--", sys.executable, "-c", WAITING, *pieces)
    assert done.code == 0, done.err
    return done.text


def arrivals(agent: Shell, *pieces: str) -> list[tuple[int, bytes]]:
    """Return what comes out, with the tenths of a second since the first piece."""
    command = [TOKENWARD, "exec", "--mask", "--", sys.executable, "-c", WAITING, *pieces, "|", "|", "|"]
    with in_session(command, agent.environment, agent.folder, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        found: list[tuple[float, bytes]] = []
        while data := os.read(running.stdout.fileno(), 65_536):
            found.append((time.monotonic(), data))
    return [(round((now - found[0][0]) * 10), data) for now, data in found]


def test_no_character_of_a_value_is_told_by_what_is_shown(agent: Shell) -> None:
    for value in (PROD, OWN):
        for guess in (value[12], "!"):
            for beginning in (value[:12], value[4:12]):
                assert printed(agent, beginning, guess, "|") == f"{beginning}{guess}\n"


def test_no_character_of_a_value_is_told_by_when_it_is_shown(agent: Shell) -> None:
    for value in (PROD, OWN):
        size = 5 if value == OWN else 1
        right, wrong = (arrivals(agent, f"{value[: size - 1]}{guess}") for guess in (value[size - 1], "!"))
        assert [len(data) for _, data in right] == [len(data) for _, data in wrong]
        assert all(abs(one - two) <= 3 for (one, _), (two, _) in zip(right, wrong, strict=True)), (
            right,
            wrong,
        )


def test_no_part_of_a_value_that_can_be_guessed_is_told(agent: Shell) -> None:
    for value in (PROD, OWN):
        lines = [value[start : start + 19] for start in range(4, 24)]
        assert printed(agent, *"|".join(lines).split("\0"), "|") == "".join(f"{one}\n" for one in lines)
        payload = {
            "hook_event_name": "PostToolUse",
            "tool_name": "Bash",
            "cwd": str(agent.folder),
            "tool_input": {"command": "make"},
            "tool_response": {"stdout": "\n".join(lines)},
        }
        done = agent("agents", "hook", "claude-code", stdin=json.dumps(payload).encode())
        assert (done.code, done.text.strip()) == (0, "")


def test_a_whole_value_is_masked_in_every_spelling(agent: Shell) -> None:
    stars, hidden = f"{OWN[:4]}{'*' * 36}\n", f"{HIDDEN}\n"
    spelled = {
        OWN: stars,
        base64.b64encode(OWN.encode()).decode().rstrip("="): None,
        OWN.encode().hex(): f"{'*' * 80}\n",
        "".join(f"%{ord(one):02x}" for one in OWN): None,
        quote(json.dumps({"a": OWN})): None,
        OWN.encode().hex(" "): hidden,
        PROD: f"{'*' * 36}\n",
        f"PASSWORD='{PROD}'": f"PASSWORD='{'*' * 36}'\n",
        f"https://x/{PROD}/y?a={PROD}.": f"https://x/{'*' * 36}/y?a={'*' * 36}.\n",
        PROD.encode().hex(): hidden,
        base64.b64encode(PROD.encode()).decode(): hidden,
    }
    text = printed(agent, "start|", *(f"{one}|.|" for one in spelled), "end|")
    assert text.startswith("start\n")
    assert text.endswith("end\n")
    for one, shown in spelled.items():
        assert one.replace("|", "\n") not in text
        assert shown is None or shown in text, one


def test_a_value_in_a_stream_of_small_writes_is_masked(agent: Shell) -> None:
    done = agent(
        *("exec", "--mask", "--", sys.executable, "-c"),
        f"import os\nfor at in range(0, 60, 3): os.write(1, b'it is {OWN}, {PROD}.\\n'[at:at + 3])\n"
        f"os.write(1, b'it is {OWN}, {PROD}.\\n'[60:])",
    )
    assert done.text == f"it is {OWN[:4]}{'*' * 36}, {'*' * 36}.\n"


def test_a_key_is_masked_whole_however_slowly_its_lines_come(agent: Shell) -> None:
    lines = [tokens.npm(f"line {number}")[4:] + tokens.npm(f"more {number}")[4:32] for number in range(6)]
    edges = [f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END")]
    text = printed(agent, "a|", *(f"{one}|" for one in (edges[0], *lines, "abcd", edges[1])), "b|")
    assert not any(one in text for one in (*lines, "abcd"))
    assert text.startswith("a\n")
    assert text.endswith("b\n")


def test_output_without_a_value_passes_as_it_is(agent: Shell) -> None:
    every = bytes(range(256)) * 400 + b"\r\x1b[31mno newline at the end"
    agent.folder.joinpath("bytes").write_bytes(every)
    done = agent("exec", "--mask", "--", "sh", "-c", "cat bytes; echo error >&2; exit 7")
    assert (done.code, done.out, done.err) == (7, every, "error\n")
    both = agent(
        "exec", "--mask", "--", "sh", "-c", "exec 2>&1; for n in 1 2 3; do echo $n; echo $n >&2; done"
    )
    assert both.text == "1\n1\n2\n2\n3\n3\n"


@pytest.mark.slow
def test_an_agent_whose_outputs_show_parts_again_and_again_gets_none_until_a_person_lifts_it(
    agent: Shell, shell: Shell
) -> None:
    part = OWN[2:30]
    for _ in range(9):
        assert printed(agent, f"it is|{part}|") == f"it is\n{HIDDEN}\n"
    assert printed(agent, "words|") == "words\n"
    assert "withholds" in printed(agent, f"{part}|")
    assert "words" not in printed(agent, "words|")
    payload = {
        "hook_event_name": "PostToolUse",
        "tool_name": "Read",
        "cwd": str(agent.folder),
        "tool_input": {"file_path": "a"},
        "tool_response": {"content": "words"},
    }
    hooked = agent("agents", "hook", "claude-code", stdin=json.dumps(payload).encode())
    assert "words" not in hooked.text
    assert "withholds" in hooked.text
    assert printed(shell.having(CLAUDECODE="", CODEX_SANDBOX="seatbelt"), "words|") == "words\n"
    (refused,) = [one for one in Ledger(shell.data / "ledger.db").records() if one.event is Event.WITHHELD]
    assert refused.detail["agent"] == "Claude Code"
    assert refused.fingerprint is not None
    assert "Claude Code" in shell("agents", "status").err
    assert agent("agents", "lift", "--yes").code != 0
    assert "words" not in printed(agent, "words|")
    assert shell("agents", "lift", "--yes").code == 0
    assert printed(agent, "words|") == "words\n"


@pytest.mark.slow
def test_what_an_agent_starts_is_counted_as_that_agent_whatever_it_calls_itself(agent: Shell) -> None:
    def below(name: str) -> Shell:
        renamed = 'env -u CLAUDECODE AI_AGENT="$0" "$@"; exit $?'
        return replace(agent, before=("sh", "-c", renamed, name))

    for number in range(10):
        printed(below(f"agent-{number}"), f"{OWN[2:30]}|")
    for one in (below("another"), agent):
        assert "withholds" in printed(one, "words|")
    assert printed(agent.having(CLAUDECODE="", AI_AGENT="truly-another"), "words|") == "words\n"


@pytest.mark.slow
def test_parts_of_what_the_repository_itself_holds_are_hidden_and_withhold_nothing(agent: Shell) -> None:
    theirs = tokens.npm("of the repository")
    agent.folder.joinpath(".env").write_text(f"NPM_TOKEN={theirs}\n")
    for _ in range(11):
        assert printed(agent, f"{theirs[2:36]}|") == f"{HIDDEN}\n"
    assert printed(agent, "words|") == "words\n"


DELETED = {
    "find": "find {data} ! -name '*.db*' ! -name '*.key' ! -name '*.alive' -type f -delete",
    "find and rm": "find {data} -name '*-*' -exec rm -f {{}} +",
    "xargs": "find {data} -name '*with*' | xargs rm -f",
    "a joined path": 'python3 -c \'import os; os.remove(os.path.join("{data}", "outputs" + "-withheld"))\'',
    "a script": "echo 'rm -f {data}/out* {data}/part*' > clean.sh; sh clean.sh",
}
FORGED = {
    "part-matches.tsv": lambda path: path.write_text("9999999999\twithheld\tClaude Code\n"),
    "outputs-withheld": lambda path: path.write_text("9999999999\twithheld\tClaude Code\n"),
    "5 MB": lambda path: path.write_bytes(bytes(5_000_000)),
    "a folder": lambda path: path.joinpath("in").mkdir(parents=True),
    "a link": lambda path: path.symlink_to("nowhere"),
    "a pipe": lambda path: subprocess.run(["mkfifo", path], check=True),
    "unreadable": lambda path: path.touch(0),
}
"""What somebody else makes of the file that says that outputs were withheld, or of one by the name of an older one."""
MAKE_UNREADABLE = {
    "damaged": "import sys; open(sys.argv[1], 'r+b').write(b'noise' * 1000)",
    "locked": "import sqlite3, sys\n"
    "held = sqlite3.connect(sys.argv[1]); held.execute('PRAGMA locking_mode = EXCLUSIVE')\n"
    "held.execute('BEGIN EXCLUSIVE'); held.execute('CREATE TABLE x (y)')\n"
    "print(flush=True); sys.stdin.read()",
}


@pytest.fixture
def withheld(agent: Shell) -> Shell:
    """An agent whose outputs are withheld."""
    Ledger(agent.data / "ledger.db").record(Event.WITHHELD, detail={"agent": "Claude Code"})
    agent.data.joinpath("outputs-withheld").touch(0o600)
    assert "withholds" in printed(agent, "words|")
    return agent


@contextlib.contextmanager
def unreadable(ledger: Path, how: str) -> Iterator[None]:
    for beside in ledger.parent.glob("ledger.db-*"):
        beside.unlink()
    holder = subprocess.Popen(
        [sys.executable, "-c", MAKE_UNREADABLE[how], str(ledger)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    yield
    holder.communicate()


@pytest.mark.parametrize("how", DELETED)
def test_no_file_lifts_what_the_ledger_withholds_when_it_is_deleted(withheld: Shell, how: str) -> None:
    line = DELETED[how].format(data=withheld.data)
    assert subprocess.run(["sh", "-c", line], check=False, cwd=withheld.folder).returncode == 0
    assert not withheld.data.joinpath("outputs-withheld").exists()
    assert "withholds" in printed(withheld, "words|")


@pytest.mark.parametrize("how", FORGED)
def test_no_file_withholds_what_the_ledger_does_not(agent: Shell, shell: Shell, how: str) -> None:
    FORGED[how](agent.data / (how if "-" in how else "outputs-withheld"))
    for one in (agent, agent.having(CLAUDECODE="", AI_AGENT="another")):
        done = one("exec", "--mask", "--", "echo", "words")
        assert (done.code, done.text, done.err) == (0, "words\n", "")
    assert printed(agent, f"{OWN[2:30]}|words|") == f"{HIDDEN}\nwords\n"
    status = shell("agents", "status")
    assert (status.code, "withheld" in status.err) == (0, False)


@pytest.mark.parametrize("how", MAKE_UNREADABLE)
def test_outputs_stay_withheld_while_the_ledger_cannot_be_read(
    withheld: Shell, shell: Shell, how: str
) -> None:
    with unreadable(withheld.data / "ledger.db", how):
        done = withheld("exec", "--mask", "--", "echo", "words")
        assert "withholds" in done.text
        assert "words\n" not in done.text
        assert "please report" not in done.err
        assert "ledger.db" in shell("agents", "status").err
        lifted = shell("agents", "lift", "--yes")
        assert (lifted.code, "ledger.db" in lifted.err) == (2, True)


@pytest.mark.parametrize("how", MAKE_UNREADABLE)
def test_work_goes_on_without_the_ledger_until_a_part_of_a_value_is_shown(agent: Shell, how: str) -> None:
    with unreadable(agent.data / "ledger.db", how):
        done = agent("exec", "--mask", "--", "echo", "words")
        assert (done.code, done.text, done.err) == (0, "words\n", "")
        assert "words" not in printed(agent, f"{OWN[2:30]}|words|")
        assert "withholds" in printed(agent, "words|")
    if how == "locked":
        assert printed(agent, "words|") == "words\n"


@pytest.mark.slow
def test_parts_are_counted_by_the_hour_and_not_at_all_once_outputs_are_withheld(
    agent: Shell, shell: Shell
) -> None:
    ledger = Ledger(shell.data / "ledger.db")
    for _ in range(12):
        printed(agent, f"{OWN[2:30]}|")
        agent.data.joinpath("outputs-withheld").unlink(missing_ok=True)
    found = [one for one in ledger.records() if one.event in (Event.PART_HIDDEN, Event.WITHHELD)]
    assert [one.event for one in found] == [Event.PART_HIDDEN] * 10 + [Event.WITHHELD]
    assert {(one.detail["agent"], one.origin) for one in found} == {("Claude Code", str(agent.folder))}
    assert shell("agents", "lift", "--yes").code == 0
    for _ in range(9):
        assert printed(agent, f"{OWN[2:30]}|") == f"{HIDDEN}\n"
