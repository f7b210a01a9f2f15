"""A command under `exec` behaves as it does without Tokenward, and tokens in its output are reported."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tokens
from cli_shell import PATIENCE, TOKENWARD, Shell
from starts import in_session
from tokenward.custody import terminal_records
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger

TOKEN = tokens.github("exec")
OTHER = tokens.npm("exec")
PREFIX, STARS = TOKEN[:4], "*" * 36
BOTH = pytest.mark.parametrize("option", ["--no-mask", "--mask"])
COLOURED = (
    "import sys\n"
    "for part in sys.argv[1:]:\n"
    "    sys.stdout.write(part + '\\033[0;1m'); sys.stdout.flush()\n"
    "print()\n"
)


def written(shell: Shell) -> str:
    """Return all text that Tokenward wrote for this user."""
    return "".join(path.read_bytes().decode("latin-1") for path in shell.data.rglob("*") if path.is_file())


@BOTH
@pytest.mark.parametrize("code", [0, 1, 70, 125, 255])
def test_the_exit_code_is_the_commands(bare_shell: Shell, code: int, option: str) -> None:
    assert bare_shell("exec", option, "--", "sh", "-c", f"exit {code}").code == code


@BOTH
def test_a_command_that_a_signal_ends_is_told_by_its_code(bare_shell: Shell, option: str) -> None:
    assert bare_shell("exec", option, "sh", "-c", "kill -TERM $$").code == 128 + signal.SIGTERM


def test_what_is_not_there_is_127_and_what_cannot_be_executed_126(bare_shell: Shell) -> None:
    bare_shell.folder.joinpath("plain").write_text("text")
    done = bare_shell("exec", "no-such\x1b[2Jcommand")
    assert (done.code, done.err.count("\n")) == (127, 1)
    assert "\x1b" not in done.err
    for name in ("./plain", "./broken"):
        bare_shell.write_script("broken", "#!/no/such/interpreter\n")
        done = bare_shell("exec", name)
        assert done.code == 126
        assert " cannot be started (" in done.err


def test_a_program_is_never_taken_from_the_workspace(bare_shell: Shell) -> None:
    bare_shell.write_script("intruder", "#!/bin/sh\necho intruded\n")
    done = bare_shell("exec", "intruder", PATH=f".::{os.environ['PATH']}")
    assert (done.code, done.out) == (127, b"")


def test_options_after_the_command_are_its_own(bare_shell: Shell) -> None:
    assert bare_shell("exec", "echo", "--mask", "-h").text == "--mask -h\n"


def test_a_script_without_an_interpreter_line_runs(bare_shell: Shell) -> None:
    bare_shell.write_script("task", 'echo "$0" "$1"\n')
    assert bare_shell("exec", "./task", "a b").text == "./task a b\n"


@BOTH
def test_output_passes_byte_for_byte_each_stream_for_itself(bare_shell: Shell, option: str) -> None:
    every = bytes(range(256)) * 800 + b"\x1b[31mno newline at the end"
    bare_shell.folder.joinpath("bytes").write_bytes(every)
    done = subprocess.run(
        [TOKENWARD, "exec", option, "--", "sh", "-c", "cat bytes; cat bytes bytes >&2"],
        env=dict(bare_shell.environment),
        cwd=bare_shell.folder,
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (every, every * 2)


def test_stdin_the_arguments_and_the_environment_are_handed_through(bare_shell: Shell) -> None:
    odd = {"ODD": b"x\xfe\xff", "NEWLINE": b"a\nb", "LANG": b"C", "TOKENWARD_VAULT_KEY": b"kept"}
    environment = {
        name: value for name, value in bare_shell.environment.items() if not name.startswith("LC_")
    }
    given = {**{k: os.fsencode(v) for k, v in environment.items()}, **odd}

    def seen(*before: str) -> bytes:
        command: list[str | bytes] = [
            *before,
            "sh",
            "-c",
            'cat; printf "%s" "$1"; env -0',
            "-",
            b"arg\xff\x01",
        ]
        return subprocess.run(
            command, env=given, cwd=bare_shell.folder, input=b"a\n\xff\0b", capture_output=True, check=True
        ).stdout

    assert sorted(seen(TOKENWARD, "exec").split(b"\0")) == sorted(seen().split(b"\0"))


def test_descriptors_that_were_handed_down_stay_and_none_is_added(bare_shell: Shell) -> None:
    bare_shell.folder.joinpath("given").write_text("from 7\n")
    command = f'"{TOKENWARD}" exec -- sh -c "cat <&7; ls /proc/self/fd" 7<given'
    done = subprocess.run(
        ["sh", "-c", command],
        env=dict(bare_shell.environment),
        cwd=bare_shell.folder,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split("\n") == ["from 7", "0", "1", "2", "3", "7", ""]


def test_signals_are_handled_as_without_us(bare_shell: Shell) -> None:
    command = ["grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"]
    plain = subprocess.run(command, capture_output=True, check=True).stdout
    assert bare_shell("exec", "--", *command).out == plain


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGQUIT"])
def test_a_signal_reaches_the_command(bare_shell: Shell, name: str) -> None:
    handler = (
        "import signal, sys, time\n"
        f"signal.signal(signal.{name}, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "while True: time.sleep(0.05)\n"
    )
    with in_session(
        [TOKENWARD, "exec", "--", sys.executable, "-c", handler],
        bare_shell.environment,
        bare_shell.folder,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(getattr(signal, name))
        assert process.wait(PATIENCE) == 7


def test_a_reader_that_goes_ends_the_command_as_without_us(bare_shell: Shell) -> None:
    command = f'"{TOKENWARD}" exec -- yes 2>/dev/null | head -n 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command],
        env=dict(bare_shell.environment),
        cwd=bare_shell.folder,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout == f"y\n{128 + signal.SIGPIPE}\n".encode()


def test_what_the_command_leaves_behind_may_write_on(bare_shell: Shell) -> None:
    assert bare_shell("exec", "sh", "-c", "(sleep 0.3; echo late) & echo now").text == "now\nlate\n"


@BOTH
def test_output_comes_at_once(bare_shell: Shell, option: str) -> None:
    """The reader answers each prompt, so the test hangs if any output is held back."""
    program = "for word in ask password: user@host$; do printf '%s ' $word; read answer; done; echo fine"
    with subprocess.Popen(
        [TOKENWARD, "exec", option, "--", "bash", "-c", program],
        env=dict(bare_shell.environment),
        cwd=bare_shell.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for prompt in (b"ask ", b"password: ", b"user@host$ "):
            assert process.stdout.read(len(prompt)) == prompt
            process.stdin.write(b"answer\n")
            process.stdin.flush()
        assert process.stdout.read() == b"fine\n"


def test_each_token_is_told_once_whatever_the_stream(bare_shell: Shell) -> None:
    program = f"for i in 1 2 3; do echo 'KEY={TOKEN}'; done; echo '//h/:_authToken={OTHER}' >&2"
    done = bare_shell("exec", "--", "sh", "-c", program)
    assert done.text == f"KEY={TOKEN}\n" * 3
    assert "The output showed 2 tokens" in done.err
    assert done.err.count("GitHub token") == 1
    assert done.err.count("npm token") == 1


def test_what_is_written_down_holds_no_token_also_when_the_command_line_and_the_folder_do(
    bare_shell: Shell,
) -> None:
    folder = bare_shell.folder / f"x-{OTHER}"
    folder.mkdir()
    done = bare_shell.at(folder)("exec", "--", "echo", f"a={OTHER}", TOKEN)
    assert TOKEN in done.text
    everything = written(bare_shell) + done.err
    assert TOKEN[6:] not in everything
    assert OTHER[6:] not in everything
    [path] = bare_shell.data.joinpath("terminals").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    record = json.loads(path.read_text())
    assert record["command"] == "echo … …"
    assert [finding["provider"] for finding in record["findings"]] == ["npm", "GitHub"]


def test_no_password_of_a_command_line_is_written_down(bare_shell: Shell) -> None:
    words = [
        "-pHunter2",
        "--password",
        "Hunter2",
        "--key=Hunter2",
        "-u",
        "bob:Hunter2",
        "PW=Hunter2",
        "Hunter2",
    ]
    bare_shell("exec", "--", "sh", "-c", f"echo {TOKEN} # Hunter2", *words)
    assert "Hunter2" not in written(bare_shell)
    [path] = bare_shell.data.joinpath("terminals").iterdir()
    assert json.loads(path.read_text())["command"] == "sh -c … -p… --password … --key… -u … … …"


@pytest.mark.parametrize("comment", ["gitleaks:allow", "tokenward:ignore"])
def test_no_comment_in_the_output_keeps_a_token_from_being_masked(bare_shell: Shell, comment: str) -> None:
    line = f"KEY={TOKEN} # {comment}"
    assert TOKEN[6:] not in bare_shell("exec", "--mask", "--", "echo", line).text
    assert TOKEN in bare_shell("exec", "--", "echo", line).text


def test_long_lines_round_a_token_are_cut_so_that_an_editor_reads_the_record(bare_shell: Shell) -> None:
    long = "-" * 5000
    bare_shell("exec", "--mask", "printf", "%s\n", long, long, f"{long} {TOKEN} {long}", long, long)
    [record] = terminal_records.read(bare_shell.data / "terminals")
    assert PREFIX in record.findings[0].excerpt


def test_the_ledger_has_what_was_found(bare_shell: Shell) -> None:
    bare_shell("exec", "--mask", "echo", f"KEY={TOKEN}")
    [record] = Ledger(bare_shell.data / "ledger.db").records()
    [path] = bare_shell.data.joinpath("terminals").iterdir()
    [finding] = json.loads(path.read_text())["findings"]
    assert (record.event, record.fingerprint) == (Event.FOUND, finding["fingerprint"])
    assert record.origin == str(bare_shell.folder)
    assert (record.detail["surface"], record.detail["provider"], record.detail["masked"]) == (
        "terminal",
        "GitHub",
        True,
    )


def test_a_command_that_shows_no_token_leaves_nothing(bare_shell: Shell) -> None:
    done = bare_shell("exec", "echo", "harmless")
    assert (done.code, done.err) == (0, "")
    assert not bare_shell.data.joinpath("terminals").exists()


def test_what_the_workspace_allows_is_not_told(bare_shell: Shell) -> None:
    program = f"echo 'KEY={TOKEN} # tokenward:ignore'"
    assert bare_shell("exec", "sh", "-c", program).err == ""


@pytest.mark.parametrize("size", [1, 7, 39])
def test_a_token_in_pieces_and_colours_is_never_whole_when_masked(bare_shell: Shell, size: int) -> None:
    pieces = [TOKEN[at : at + size] for at in range(0, len(TOKEN), size)]
    done = bare_shell("exec", "--mask", "--", sys.executable, "-c", COLOURED, "KEY=", *pieces)
    assert done.code == 0
    bare = re.sub(r"\x1b\[[0-9;]*m", "", done.text)
    assert bare == f"KEY={PREFIX}{STARS}\n"
    assert done.text.count("\x1b[0;1m") == len(pieces) + 1


def test_a_flood_is_scanned_to_its_end(bare_shell: Shell) -> None:
    program = (
        f"import sys; sys.stdout.write('harmless text\\n' * 500_000 + 'KEY={TOKEN}\\n' + 'more\\n' * 500_000)"
    )
    done = bare_shell("exec", "--", sys.executable, "-c", program)
    assert len(done.out) == 14 * 500_000 + len(TOKEN) + 5 + 5 * 500_000
    assert "first in line 500001 of the output" in done.err


@BOTH
def test_at_a_terminal_the_command_has_one(bare_shell: Shell, option: str) -> None:
    probe = "import os; print([os.isatty(n) for n in (0, 1, 2)], os.tcgetpgrp(0) == os.getpgrp())"
    with bare_shell.terminal("exec", option, "--", sys.executable, "-c", probe) as terminal:
        assert terminal.end() == 0
    assert terminal.shown == "[True, True, True] True\r\n"


def test_at_a_terminal_errors_go_where_they_are_sent(bare_shell: Shell) -> None:
    program = f"echo shown; echo '{TOKEN}' >&2"
    command = f"'{TOKENWARD}' exec --mask -- sh -c \"{program}\" 2>errors"
    with bare_shell.terminal("-c", command, command=("sh",)) as terminal:
        assert terminal.end() == 0
    assert terminal.shown == "shown\r\n"
    assert bare_shell.folder.joinpath("errors").read_text().startswith(f"{PREFIX}{STARS}\n")


def test_at_a_terminal_ctrl_c_reaches_the_command(bare_shell: Shell) -> None:
    handler = "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done"
    with bare_shell.terminal("exec", "--", "bash", "-c", handler) as terminal:
        terminal.expect("ready")
        terminal.type("\x03")
        assert terminal.end() == 7
    assert terminal.shown.replace("^C", "").split() == ["ready", "caught"]


def test_a_job_in_the_background_leaves_the_terminal_alone(bare_shell: Shell) -> None:
    job = f"set -m; '{TOKENWARD}' exec -- sh -c 'echo background; exit 4' & wait $!; echo code=$?"
    with bare_shell.terminal("-c", job, command=("bash",)) as terminal:
        assert terminal.end() == 0
    assert "background\r\n" in terminal.shown
    assert "code=4\r\n" in terminal.shown


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_at_a_terminal_a_signal_ends_the_command_and_the_terminal_is_as_before(
    bare_shell: Shell, name: str
) -> None:
    number = getattr(signal, name)
    command = (
        f"modes=$(stty -g); '{TOKENWARD}' exec -- sh -c 'echo pid=$PPID=; exec sleep 600'; echo code=$?; "
    )
    command += '[ "$(stty -g)" = "$modes" ] && echo restored'
    with bare_shell.terminal("-c", command, command=("sh",)) as terminal:
        while not (found := re.search(r"pid=(\d+)=", terminal.shown)):
            terminal._read()
        time.sleep(0.1)
        os.kill(int(found[1]), number)
        terminal.end()
    assert terminal.shown.endswith(f"code={128 + number}\r\nrestored\r\n")


@pytest.fixture
def broken_shell(bare_shell: Shell, tmp_path: Path) -> Shell:
    """A shell in which the engine that finds tokens cannot be loaded."""
    tmp_path.joinpath("kingfisher_sdk.py").write_text("raise RuntimeError")
    return bare_shell.having(PYTHONPATH=str(tmp_path))


def test_a_failure_of_the_scan_keeps_nothing_from_being_shown(broken_shell: Shell) -> None:
    done = broken_shell("exec", "--", "sh", "-c", "echo shown; exit 4")
    assert (done.code, done.text) == (4, "shown\n")
    assert "was not scanned because of an unexpected " in done.err
    assert done.err.count("\n") == 1


def test_a_failure_while_masking_lets_nothing_through(broken_shell: Shell) -> None:
    done = broken_shell("exec", "--mask", "--", "sh", "-c", f"echo {TOKEN}; exec sleep 30")
    assert (done.code, done.out) == (70, b"")
    assert "could not be masked because of an unexpected " in done.err
    assert done.err.count("\n") == 1


def test_a_usage_error_is_one_sentence(bare_shell: Shell) -> None:
    done = bare_shell("exec")
    assert done.code != 0
    assert done.err.endswith("see `tokenward exec --help`.\n")


def agent_shell(shell: Shell, line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start a line as an agent whose settings name Tokenward as what starts its shell."""
    environment = {**shell.environment, "SHELL": "/bin/bash", **variables}
    command = [f"{TOKENWARD}-agent-shell", line]
    return subprocess.run(
        command, cwd=shell.folder, env=environment, input="", capture_output=True, text=True, check=False
    )


def test_an_agents_shell_is_the_shell_with_its_output_masked(shell: Shell) -> None:
    line = f'[[ a == a ]] && cd / && echo $PWD {TOKEN} >&2; echo "$0 $#"; exit 3'
    done = agent_shell(shell, line, AI_AGENT="claude-code_2-1-332_agent", CLAUDECODE="1")
    assert (done.returncode, done.stdout.strip()) == (3, "/bin/bash 0")
    assert done.stderr.startswith(f"/ {PREFIX}{STARS}")


TRY = "if (: </dev/tty) 2>/dev/null; then echo terminal; else echo none; fi"


def captured(shell: Shell, *command: str) -> str:
    """Return what a command prints into a file, with a terminal that is not one of its streams."""
    out = shell.folder / "out"
    line = f"{shlex.join(command)} >{out} 2>&1 </dev/null & wait; exit"
    with shell.terminal("-c", line, command=("/bin/sh",)) as terminal:
        terminal.end()
    return out.read_text().split()[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no controlling terminals")
@pytest.mark.parametrize("daemon", ["off", "on"])
def test_an_agents_shell_has_no_terminal_to_type_into(daemon: str, shell: Shell) -> None:
    agent = shell.having(AI_AGENT="claude-code_2-1-332_agent", CLAUDECODE="1", TOKENWARD_DAEMON=daemon)
    assert captured(agent, f"{TOKENWARD}-agent-shell", TRY) == "none"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no controlling terminals")
def test_what_a_person_has_masked_keeps_the_terminal_for_a_passphrase(shell: Shell) -> None:
    assert captured(shell, TOKENWARD, "exec", "--mask", "--", "/bin/sh", "-c", TRY) == "terminal"


def test_what_an_agent_starts_for_itself_says_what_it_says(shell: Shell) -> None:
    """An MCP server's messages, which no model reads as they are, and a hook's answer, in the same way."""
    done = agent_shell(shell, f"read x; echo {TOKEN}; exit 4", AI_AGENT="claude-code_2-1-332_harness")
    assert (done.returncode, done.stdout) == (4, f"{TOKEN}\n")


def test_an_agents_hook_is_answered_without_another_start(shell: Shell) -> None:
    program = shlex.quote(TOKENWARD)
    done = agent_shell(shell, f"{program} agents hook claude-code", AI_AGENT="claude-code_2-1-332_harness")
    assert done.returncode == 2
    assert "could not read this hook's input" in done.stderr
