"""`run` and `exec` on Windows: how a program is found, what reaches it, and what is masked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import tokens
from windows_shell import Shell

TOKEN = tokens.github("run")
SHOW = "import sys; print(ascii(sys.argv[1:]))"
ARGUMENTS = ["*", "%PATH%", "$PATH", "~", "a b", 'c"d', "e\\", "", "ünï", "a&whoami", "|", "^", "(p)", "!x!"]
BATCH = f'@echo off\r\n"{sys.executable}" "%~dp0show.py" %*\r\nexit /b 7\r\n'


@pytest.fixture
def moved(shell: Shell) -> Shell:
    """A workspace with a token whose reference is in `.env`."""
    shell.put("TOKEN", TOKEN)
    shell.write(".env", f"TOKEN=keyring://{shell.name}/TOKEN\r\n")
    return shell


def test_a_program_gets_its_arguments_as_they_were_typed(shell: Shell) -> None:
    done = shell("run", "--", sys.executable, "-c", SHOW, *ARGUMENTS)
    assert (done.code, done.text) == (0, ascii(ARGUMENTS) + "\n"), done.err


@pytest.mark.parametrize("name", ["hello.bat", "hello.cmd", "hello", "HELLO.CMD", "./hello.cmd"])
def test_a_batch_file_gets_its_arguments_and_runs_nothing_in_them(shell: Shell, name: str) -> None:
    shell.write("show.py", "import sys; print(ascii(sys.argv[1:]))")
    for one in ("hello.bat", "hello.cmd"):
        shell.write(one, BATCH)
    # Beside a batch file, npm and others keep a shell script of the same name without an ending.
    shell.write("hello", "#!/bin/sh\n")
    arguments = [one for one in ARGUMENTS if one]
    path = f"{shell.folder}{os.pathsep}{os.environ['PATH']}"
    done = shell("run", "--", name, *arguments, PATH=path)
    assert (done.code, done.text) == (7, ascii(arguments) + "\n"), done.err


def test_a_batch_file_gets_no_line_break(shell: Shell) -> None:
    shell.write("hello.cmd", BATCH)
    done = shell("run", "--", ".\\hello.cmd", "a\nwhoami")
    assert done.code == 125
    assert "line break" in done.err


def test_the_exit_code_is_the_programs(moved: Shell) -> None:
    for option, code in (("--no-mask", 5), ("--mask", 0), ("--no-mask", -1)):
        done = moved("run", option, "--", sys.executable, "-c", f"import os; os._exit({code})")
        assert (done.code & 0xFFFFFFFF, done.err) == (code & 0xFFFFFFFF, "")


def test_a_program_that_is_not_there_is_127(shell: Shell) -> None:
    assert shell("run", "--", "no-such-program").code == 127


def test_output_to_a_pipe_is_masked_in_both_streams(moved: Shell) -> None:
    program = (
        "import os, sys, time\n"
        "token = os.environ['TOKEN']\n"
        "sys.stdout.write(token[:9]); sys.stdout.flush(); time.sleep(0.05)\n"
        "sys.stdout.write(token[9:] + ' out'); sys.stdout.flush()\n"
        "sys.stderr.write(token + ' err')\n"
    )
    done = moved("run", "--", sys.executable, "-c", program)
    assert done.code == 0
    assert (done.text[-4:], done.err[-4:]) == (" out", " err")
    assert TOKEN[9:] not in done.text + done.err
    done = moved("run", "--no-mask", "--", sys.executable, "-c", program)
    assert (done.text, done.err) == (f"{TOKEN} out", f"{TOKEN} err")


def test_a_program_that_waits_for_an_answer_shows_its_question_first(moved: Shell) -> None:
    """What has no line end is passed on as soon as it cannot become a value."""
    words = [
        "run",
        "--mask",
        "--",
        sys.executable,
        "-c",
        "print('Name:', end='', flush=True); print(input()[::-1])",
    ]
    with moved.start(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.read(5) == b"Name:"
        process.stdin.write(b"abc\n")
        process.stdin.close()
        assert process.stdout.read().strip() == b"cba"
    assert process.returncode == 0


@pytest.mark.parametrize(("option", "is_shown"), [("--mask", False), ("--no-mask", True)])
def test_exec_reports_tokens_and_keeps_the_exit_code(shell: Shell, option: str, is_shown: bool) -> None:
    done = shell("exec", option, "--", sys.executable, "-c", f"print({TOKEN!r}); raise SystemExit(3)")
    assert done.code == 3
    assert (TOKEN in done.text) is is_shown
    assert "1 token" in done.err
    assert TOKEN not in done.err


def test_shell_says_that_it_is_not_for_windows(shell: Shell) -> None:
    done = shell("shell")
    assert done.code == 125
    assert "tokenward exec" in done.err


def test_a_command_ends_when_run_is_killed_and_what_it_left_behind_does_not(moved: Shell) -> None:
    wait = "import time; time.sleep(600)"
    leave = (
        "import subprocess, sys\n"
        f"made = subprocess.Popen([sys.executable, '-c', {wait!r}], stdin=-3, stdout=-3, stderr=-3)\n"
        "print(made.pid, flush=True)"
    )
    left = psutil.Process(int(moved("run", "--no-mask", "--", sys.executable, "-c", leave).text))
    assert left.is_running()
    left.kill()
    words = ["run", "--no-mask", "--", sys.executable, "-c", f"{leave}\n{wait}"]
    with moved.start(*words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        inner = psutil.Process(int(process.stdout.readline()))
        process.kill()
    psutil.wait_procs([inner], timeout=30)
    assert not inner.is_running()


def test_the_real_npm_layout_starts(shell: Shell) -> None:
    """`npm.cmd` calls a program beside it by `%~dp0`."""
    tools = shell.folder / "tools"
    tools.mkdir()
    shutil.copy(Path(os.environ["SYSTEMROOT"], "system32", "cmd.exe"), tools / "node.exe")
    shell.write("tools/npm", "#!/bin/sh\nexit 9\n")
    shell.write("tools/npm.cmd", '@"%~dp0node.exe" /d /c exit 4\r\n')
    assert shell("run", "--", "npm", "test", PATH=f'"{tools}"{os.pathsep}{os.environ["PATH"]}').code == 4
