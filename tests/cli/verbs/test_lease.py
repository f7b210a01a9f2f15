"""`tokenward lease` and the effect of leases on other verbs, with a real keyring."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cli_shell import Shell
from starts import in_session_to_end

TOKEN = "keyring://acme-api/TOKEN"
SOON = 4
"""Seconds of a lease that lasts until it was printed, on a busy machine too."""


def ledger(shell: Shell, event: str) -> list[dict[str, object]]:
    path = Path(shell.environment["HOME"], ".local/share/tokenward/ledger.db")
    rows = sqlite3.connect(path).execute("SELECT detail FROM records WHERE event = ?", (event,)).fetchall()
    return [json.loads(detail) for (detail,) in rows]


def lookup(shell: Shell) -> bytes:
    """Return the value that another program finds in the keyring."""
    query = ["secret-tool", "lookup", "service", "tokenward/acme-api/TOKEN"]
    return in_session_to_end(query, shell.environment, shell.folder).out


def say_yes(shell: Shell, *arguments: str, answer: str = "y\n") -> int:
    with shell.terminal("lease", "TOKEN", *arguments) as terminal:
        terminal.expect(f"Change the lease of {TOKEN} to:")
        terminal.type(answer)
        return terminal.end()


def custody(shell: Shell) -> Path:
    return Path(shell.environment["HOME"], ".local/share/tokenward/custody.db")


def test_a_token_whose_lease_is_over_is_refused_and_kept(stored: Shell) -> None:
    """It may be the only copy."""
    assert stored("lease", "TOKEN").text == f"{TOKEN}\n- May be used: without a time limit\n"
    done = stored("lease", "TOKEN", "--for", f"{SOON}s", "--uses", "3")
    assert (
        "in less than a minute\n- Uses left: 3\n- At its end: it is refused, but stays in the key"
        in done.text
    )
    time.sleep(SOON + 0.1)
    run = stored("run", "env")
    assert (run.code, run.out) == (125, b"")
    assert f"The lease of {TOKEN} ended on 20" in run.err
    assert "with `tokenward lease TOKEN --for 8h`, or delete it with `tokenward rm TOKEN`" in run.err
    assert "ended: its time has run out" in stored("list").text
    assert stored("doctor").code in (0, 1)
    assert lookup(stored) == b"the value"
    assert say_yes(stored, "--for", "8h") == 0
    assert stored.get("TOKEN") == "the value"


def test_a_person_at_a_terminal_is_needed_for_more_and_not_for_less(stored: Shell) -> None:
    assert stored("lease", "TOKEN", "--uses", "3", "--for", "8h", "--confirm", "session").code == 0
    assert stored("lease", "TOKEN", "--uses", "2", "--until", "2000-01-01").code == 2
    assert stored("lease", "TOKEN", "--uses", "2").code == 0
    for more in (["--uses", "3"], ["--for", "9h"], ["--no-end"], ["--confirm", "never"]):
        refused = stored("lease", "TOKEN", *more)
        assert refused.code == 2
        assert "a person has to run it at a terminal" in refused.err
    assert say_yes(stored, "--uses", "3", answer="n\n") == 2
    assert "Uses left: 2" in stored("lease", "TOKEN").text
    assert say_yes(stored, "--uses", "9", "--no-end", "--confirm", "never") == 0
    assert stored("lease", "TOKEN").text.splitlines()[1:3] == [
        "- May be used: without a time limit",
        "- Uses left: 9",
    ]


def test_an_assistants_terminal_is_no_persons(stored: Shell) -> None:
    stored("lease", "TOKEN", "--uses", "3")
    with stored.having(CLAUDECODE="1").terminal("lease", "TOKEN", "--uses", "4") as terminal:
        assert terminal.end() == 2
    assert "Only a person can approve this, but Claude Code" in terminal.shown


def test_a_token_for_one_program_is_for_no_other_and_no_shadow_of_it(stored: Shell) -> None:
    script = '#!/bin/sh\ntest "$TOKEN" = "the value" && echo given\n'
    stored.write_script("vite.js", script)
    link = stored.folder / "node_modules" / ".bin" / "vite"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../vite.js")
    shadow = stored.write_script("shadow/vite", script)
    assert str(link) in stored("lease", "TOKEN", "--only", "node_modules/.bin/vite").text
    allowed = stored.having(PATH=f"{link.parent}:{stored.environment['PATH']}")
    assert allowed("run", "vite").text == "given\n"
    assert stored("run", "./node_modules/.bin/vite").text == "given\n"
    shadowed = stored.having(PATH=f"{shadow.parent}:{link.parent}:{stored.environment['PATH']}")
    for done in (
        shadowed("run", "vite"),
        stored("run", "./vite.js"),
        stored("run", "env"),
        stored("get", "TOKEN"),
    ):
        assert (done.out, f"is only for {link}" in done.err) == (b"", True)
    link.unlink()
    link.symlink_to("../../shadow/vite")
    assert stored("run", "./node_modules/.bin/vite").code == 125
    assert {fields["why"] for fields in ledger(stored, "refused")} == {"ProgramNotAllowed"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell enough")
def test_a_token_for_one_service_is_for_no_other_and_no_person(stored: Shell, tmp_path: Path) -> None:
    """Here the job is a real process below one that has the name and the rights of cron."""
    cron = tmp_path / "cron"
    cron.symlink_to("/bin/sh")
    job = Shell(stored.environment, stored.folder, (str(cron), "-c", '"$@"; exit $?', "cron"))
    assert (
        "Only if started by: cron or git-hook"
        in stored("lease", "TOKEN", "--by", "cron", "--by", "git-hook").text
    )
    assert "only by cron and git-hook" in stored("list").text
    for done in (stored("run", "true"), stored("get", "TOKEN")):
        assert (done.out, "is only for what cron or git-hook starts" in done.err) == (b"", True)
    with stored.terminal("run", "true") as terminal:
        terminal.expect("and a person started this" if "CI" not in os.environ else "is only for what")
        assert terminal.end() == 125
    done = job("run", "--no-mask", "sh", "-c", 'test "$TOKEN" = "the value" && echo given')
    assert (done.text, done.err) == ("given\n", "") if os.getuid() == 0 else (done.code == 125)
    assert {fields["why"] for fields in ledger(stored, "refused")} == {"StarterNotAllowed"}
    assert stored("lease", "TOKEN", "--by", "cron").code == 0
    for wider in (["--by", "cron", "--by", "ci"], ["--by-anything"]):
        assert stored("lease", "TOKEN", *wider).code == 2
    assert stored.agree("lease", "TOKEN", "--by-anything") == 0
    assert stored.get("TOKEN") == "the value"


def test_ten_runs_at_once_share_no_use(stored: Shell) -> None:
    stored("lease", "TOKEN", "--uses", "4")
    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda _: stored("run", "true"), range(10)))
    refused = [one.err for one in done if one.code]
    assert len(refused) == 6, refused
    assert all("has no uses left" in err for err in refused), refused


def test_a_login_and_a_boot_last_and_an_editor_must_be_there(stored: Shell) -> None:
    for session in ("boot", "login"):
        assert stored("lease", "TOKEN", "--session", session).code == 0
        assert stored.get("TOKEN") == "the value"
    done = stored("lease", "TOKEN", "--session", "editor")
    assert (done.code, "is not open in an editor with Tokenward" in done.err) == (2, True)


@pytest.mark.parametrize("verb", [["doctor"], ["ledger", "verify"]])
def test_an_older_record_of_leases_is_told_by_who_looks(
    stored: Shell, tmp_path: Path, verb: list[str]
) -> None:
    """It would loosen a lease, or restore deleted tokens."""
    shutil.copy(custody(stored), tmp_path / "copy")
    assert stored("lease", "TOKEN", "--confirm", "always").code == 0
    assert stored(*verb).code == 0
    shutil.copy(tmp_path / "copy", custody(stored))
    done = stored(*verb)
    assert (done.code, f"The lease of {TOKEN} is not the last one in the ledger" in done.text + done.err) == (
        1,
        True,
    )


def test_a_person_names_the_server_that_a_token_is_for_and_nobody_else_does(stored: Shell) -> None:
    """A check would send the token there."""
    assert "Goes to" not in stored("lease", "TOKEN").text
    for done in (
        stored("lease", "TOKEN", "--host", "git.example.com"),
        stored("lease", "TOKEN", "--uses", "3"),
    ):
        assert ("Goes to" in done.text, done.code) in {(False, 2), (False, 0)}
    assert stored.having(CLAUDECODE="1")("lease", "TOKEN", "--host", "git.example.com").code == 2
    assert say_yes(stored, "--host", "Git.Example.com", "--host", "git.example.com:8443") == 0
    assert "- Goes to: git.example.com and git.example.com:8443\n" in stored("lease", "TOKEN").text
    assert "git.example.com and 1 more" in stored("list").text
    (token,) = json.loads(stored("list", "--format", "json").out)["tokens"]
    assert token["hosts"] == ["git.example.com", "git.example.com:8443"]
    assert ledger(stored, "leased")[-1]["hosts"] == token["hosts"]
    assert stored("lease", "TOKEN", "--uses", "2").code == 0
    assert "git.example.com" in stored("lease", "TOKEN").text
    assert stored("lease", "TOKEN", "--provider-hosts").code == 2
    assert say_yes(stored, "--provider-hosts") == 0
    assert "Goes to" not in stored("lease", "TOKEN").text


def test_a_list_tells_of_each_lease(stored: Shell) -> None:
    stored("lease", "TOKEN", "--uses", "3", "--confirm", "always", "--only", "env")
    assert "3 uses; 1 program; asks each time" in stored("list").text
    (token,) = json.loads(stored("list", "--format", "json").out)["tokens"]
    lease = token["lease"]
    assert (lease["uses"], lease["confirm"], lease["expires"], lease["over"]) == (3, "always", None, None)
    assert [Path(program).name for program in lease["programs"]] == ["env"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--for", "8"], "--for takes a number and one of"),
        (["--for", "1h", "--no-end"], "contradict each other"),
        (["--only", "env", "--any-program"], "contradict each other"),
        (["--by", "cron", "--by-anything"], "contradict each other"),
        (["--host", "a.example.com", "--provider-hosts"], "contradict each other"),
        (["--host", "https://a.example.com"], "is no host; write it as gitlab.example.com"),
        (["--host", "10.0.0.1"], "10.0.0.1 is no host"),
        (["--by", "backup.service"], "A lease cannot name backup.service; give --by person, agent, cron"),
        (["--until", "tomorrow"], "Invalid date"),
        (["--only", "no-such-program"], "The program no-such-program was not found"),
        (["--only", "bad\x1b[2Jname"], "The program bad?[2Jname was not found"),
    ],
)
def test_what_is_no_lease_is_refused_in_a_sentence(stored: Shell, arguments: list[str], said: str) -> None:
    done = stored("lease", "TOKEN", *arguments)
    assert (done.code, said in done.err, done.err.count("\n")) == (2, True, 1)


def test_another_workspaces_lease_is_neither_shown_nor_changed(stored: Shell, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    for arguments in ([TOKEN], [TOKEN, "--for", "1s"]):
        done = stored.at(stranger)("lease", *arguments)
        assert (done.code, done.out) == (2, b"")
    assert stored("lease", "NO").code == 2
    assert "without a time limit" in stored("lease", "TOKEN").text
