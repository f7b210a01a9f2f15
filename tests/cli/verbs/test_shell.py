"""A shell in its own terminal behaves as it does without Tokenward, and tokens in its output are reported."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import TOKENWARD, Shell, Terminal

PROMPT = "ready> "
TOKEN = tokens.github("shell")
MASKED = "gh" + "p_" + "*" * 36
BOTH = pytest.mark.parametrize("option", ["--no-mask", "--mask"])


JOB = f"""#!{sys.executable}
import signal, sys
signal.signal(signal.SIGINT, lambda *_: sys.exit(5))
signal.signal(signal.SIGCONT, lambda *_: print("awake", flush=True))
print("up", flush=True)
while True:
    signal.pause()
"""
TOLD = f"""#!{sys.executable}
import os, signal, time
told = []
signal.signal(signal.SIGWINCH, lambda *_: told.append(1))
print("up", flush=True)
while not told:
    time.sleep(0.02)
print(*reversed(os.get_terminal_size()), flush=True)
"""
LATE_READER = f"""#!{sys.executable}
import os, sys, time, tty
tty.setraw(0)
print("go", "x" * 300_000, flush=True)
time.sleep(0.2)
count = 0
while count < 200_000:
    count += len(os.read(0, 65536))
print("got", count, flush=True)
"""


@pytest.fixture
def quiet(bare_shell: Shell) -> Shell:
    """A user of bash with a prompt and no startup files."""
    program = bare_shell.write_script("bin/shell", '#!/bin/sh\nexec bash --norc --noprofile -i "$@"\n')
    settings = bare_shell.folder / "inputrc"
    settings.write_text("set enable-bracketed-paste off\n")
    return bare_shell.having(
        SHELL=str(program), PS1=PROMPT, TERM="xterm-256color", HISTFILE="", INPUTRC=str(settings)
    )


@contextmanager
def sitting(shell: Shell, *arguments: str, rows: int = 24, columns: int = 80) -> Iterator[Terminal]:
    """A person at a terminal that runs a command; afterwards, its code and `restored` are shown."""
    command = (
        f'stty rows {rows} cols {columns}; modes=$(stty -g); "$0" "$@"; echo "code=$?"; '
        '[ "$(stty -g)" = "$modes" ] && echo restored'
    )
    with shell.terminal("-c", command, *arguments, command=("sh",)) as terminal:
        yield terminal


@contextmanager
def session(shell: Shell, *options: str) -> Iterator[Terminal]:
    with sitting(shell, TOKENWARD, "shell", *options) as terminal:
        terminal.expect(PROMPT)
        yield terminal


def resize(terminal: Terminal, rows: int, columns: int) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    fcntl.ioctl(terminal.descriptor, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))


def paste(terminal: Terminal, data: bytes) -> None:
    """Type faster than a program reads, while it prints."""
    os.set_blocking(terminal.descriptor, False)
    while data:
        ready, writable, _ = select.select([terminal.descriptor], [terminal.descriptor], [], 40)
        assert ready or writable
        if ready:
            terminal._read()
        if writable:
            data = data[os.write(terminal.descriptor, data) :]
    os.set_blocking(terminal.descriptor, True)


def ended(terminal: Terminal, code: int | str) -> None:
    terminal.end()
    assert re.search(rf"code=({code})\r\n(.*\r\n)*restored\r\n\Z", terminal.shown), terminal.shown


def records(shell: Shell) -> list[dict[str, Any]]:
    folder = Path(shell.environment["HOME"], ".local", "share", "tokenward", "terminals")
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


@BOTH
def test_the_exit_code_is_the_shells_and_the_terminal_is_as_before(quiet: Shell, option: str) -> None:
    with session(quiet, option) as terminal:
        terminal.type("exit 9\r")
        ended(terminal, 9)
    assert "token" not in terminal.shown


@BOTH
def test_the_size_is_the_terminals_also_when_it_changes(quiet: Shell, option: str) -> None:
    quiet.write_script("told", TOLD)
    with session(quiet, option) as terminal:
        terminal.type("stty size; ./told\r")
        terminal.expect("24 80\r\nup\r\n")
        resize(terminal, 31, 101)
        terminal.expect("31 101\r\n")
        terminal.type("exit\r")
        ended(terminal, 0)


@BOTH
def test_job_control_is_the_shells(quiet: Shell, option: str) -> None:
    quiet.write_script("job", JOB)
    with session(quiet, option) as terminal:
        terminal.type("./job\r")
        terminal.expect("up\r\n")
        terminal.type("\x1a")
        terminal.expect("Stopped")
        terminal.type("fg\r")
        terminal.expect("awake\r\n")
        terminal.type("\x03")
        terminal.type("echo its-code-$?\r")
        terminal.expect("its-code-5\r\n")
        terminal.type("exit 6\r")
        ended(terminal, 6)


@pytest.mark.slow
def test_what_is_typed_and_shown_is_byte_for_byte_what_it_is_without_us(quiet: Shell) -> None:
    """Line editing past the edge of the screen, history, completion, colours, and the alternate screen."""
    quiet.folder.joinpath("completed-name").touch()
    steps = [
        ("echo " + "long " * 30 + "\x01\x05\x1b[D\x1b[D\x08\x08x\r", "lxg\r\n"),
        ("\x1b[A\x1b[A\x1b[B\x15echo an-$((3 * 3))\r", "an-9\r\n"),
        ("ls compl\t | tr a-z A-Z\r", "COMPLETED-NAME\r\n"),
        (
            "printf '\\e[31mred\\e[0m \\e[?1049h\\e[2J\\e[5;5Hscreen\\e[?1049l\\rover\\n'; echo fi''n\r",
            "fin\r\n",
        ),
        ("printf '\\303\\251\\360\\237\\224\\221 \\377\\376\\033]0;title\\a'; echo ut''f\r", "utf\r\n"),
    ]

    def shown(*command: str) -> str:
        with sitting(quiet, *command) as terminal:
            terminal.expect(PROMPT)
            for typed, expected in steps:
                terminal.type(typed)
                terminal.expect(f"{expected}{PROMPT}")
            terminal.type("exit\r")
            ended(terminal, 0)
        return terminal.shown

    plain = shown(quiet.environment["SHELL"])
    assert shown(TOKENWARD, "shell") == plain
    assert shown(TOKENWARD, "shell", "--mask") == plain


@BOTH
def test_vim_edits_a_file(quiet: Shell, option: str) -> None:
    with session(quiet, option) as terminal:
        terminal.type("vim -u NONE -n -i NONE notes; echo af''ter\r")
        terminal.expect("~")
        terminal.type("ihello there\x1bbcwworld\x1b:set columns?\r")
        terminal.expect("columns=80")
        terminal.type(":wq\r")
        terminal.expect("after\r\n")
        terminal.type("exit\r")
        ended(terminal, 0)
    assert quiet.folder.joinpath("notes").read_text() == "hello world\n"


@BOTH
def test_less_pages(quiet: Shell, option: str) -> None:
    quiet.folder.joinpath("lines").write_text("".join(f"line-{number}-\n" for number in range(1000)))
    with session(quiet, option) as terminal:
        terminal.type("less lines; echo af''ter\r")
        terminal.expect("line-22-")
        terminal.type("G")
        terminal.expect("line-999-")
        terminal.type("?line-500-\r")
        terminal.expect("line-500-")
        terminal.type("q")
        terminal.expect("after\r\n")
        terminal.type("exit\r")
        ended(terminal, 0)
    assert "line-500-" in terminal.shown


@BOTH
def test_a_long_paste_into_a_program_that_does_not_read_yet_is_whole(quiet: Shell, option: str) -> None:
    quiet.write_script("late", LATE_READER)
    with session(quiet, option) as terminal:
        terminal.type("./late; stty sane\r")
        terminal.expect("go")
        paste(terminal, b"y" * 200_000)
        terminal.expect("got 200000")
        terminal.type("exit\r")
        ended(terminal, 0)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_us_ends_the_shell_and_puts_the_terminal_back(quiet: Shell, name: str) -> None:
    with session(quiet) as terminal:
        terminal.type("echo watcher=$PPID= shell=$$=\r")
        while not (found := re.search(r"watcher=(\d+)= shell=(\d+)=", terminal.shown)):
            terminal._read()
        os.kill(int(found[1]), getattr(signal, name))
        # A shell that is about to read misses the hang-up until a key is pressed, and is killed after two seconds.
        ended(terminal, "129|137")
    with pytest.raises(ProcessLookupError):
        os.kill(int(found[2]), 0)


def test_a_shell_that_is_killed_leaves_the_terminal_as_before(quiet: Shell) -> None:
    with session(quiet) as terminal:
        terminal.type("stty raw -echo; kill -KILL $$\r")
        ended(terminal, 137)


def test_what_the_shell_leaves_in_the_background_is_not_waited_for(quiet: Shell) -> None:
    with session(quiet) as terminal:
        terminal.type("(trap '' HUP; exec sleep 600) & disown; echo left=$!=; exit 3\r")
        ended(terminal, 3)
    left = re.search(r"left=(\d+)=", terminal.shown)
    assert left is not None
    os.kill(int(left[1]), signal.SIGKILL)


def test_a_token_is_told_at_the_end_to_the_user_the_ledger_and_the_editor(quiet: Shell) -> None:
    quiet.folder.joinpath("config").write_text(f"before\nexport KEY={TOKEN}\nafter\n")
    with session(quiet) as terminal:
        terminal.type("cat config; cat config\r")
        terminal.expect("after\r\n")
        terminal.type("exit\r")
        ended(terminal, 0)
    assert f"export KEY={TOKEN}" in terminal.shown
    assert terminal.shown.count("40 characters") == 1
    assert "The output showed 1 token" in terminal.shown
    [record] = records(quiet)
    [finding] = record["findings"]
    assert (record["cwd"], record["command"]) == (str(quiet.folder), "shell")
    assert finding["provider"] == "GitHub"
    assert f"before\nexport KEY={TOKEN[:4]}{'*' * 36}\nafter\n" in finding["excerpt"]


def test_an_editor_learns_of_a_token_while_the_session_goes_on(quiet: Shell) -> None:
    quiet.folder.joinpath("config").write_text(f"export KEY={TOKEN}\n")
    with session(quiet) as terminal:
        terminal.type("cat config\r")
        terminal.expect(TOKEN)
        deadline = time.monotonic() + 40
        while not records(quiet):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        terminal.type("exit\r")
        ended(terminal, 0)


@pytest.mark.parametrize(
    "command",
    [
        "printf 'KEY=%s\\n'",
        "a() { printf '\\033[32m%.9s' $1; printf '\\033[1;31m%s\\033[0m\\n' ${1#?????????}; }; a",
        "a() { for i in 0 1 2 3; do printf %s ${1:$((i * 10)):10}; done; echo; }; a",
    ],
)
def test_a_token_is_never_whole_on_a_masked_screen(quiet: Shell, command: str) -> None:
    with session(quiet.having(TOKEN_HERE=TOKEN), "--mask") as terminal:
        terminal.type(f"{command} $TOKEN_HERE; echo do''ne\r")
        terminal.expect("done\r\n")
        terminal.type("exit\r")
        ended(terminal, 0)
    bare = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.shown)
    assert MASKED in bare
    assert TOKEN[4:14] not in bare
    assert "masked here" in bare


def test_keys_come_back_at_once_also_when_they_may_begin_a_token(quiet: Shell) -> None:
    """Held-back keys appear when typing stops."""
    with session(quiet, "--mask") as terminal:
        terminal.type("gh" + "p_")
        terminal.expect("gh" + "p_")
        terminal.type("\x15exit\r")
        ended(terminal, 0)


def test_the_shell_is_the_accounts_when_the_variable_names_none(quiet: Shell) -> None:
    for shell in (quiet.without("SHELL"), quiet.having(SHELL="no-such-shell")):
        with sitting(shell, TOKENWARD, "shell") as terminal:
            terminal.type("echo co''de=$((6 * 7)); exit 4\r")
            terminal.expect("code=42\r\n")
            ended(terminal, 4)


def test_a_login_shell_is_told_that_it_is_one(bare_shell: Shell) -> None:
    with sitting(bare_shell.having(SHELL="/bin/bash"), TOKENWARD, "shell", "--login") as terminal:
        terminal.type("echo [$0]; shopt login_shell; exit\r")
        ended(terminal, 0)
    assert "[-bash]" in terminal.shown


def test_without_a_terminal_there_is_no_shell(quiet: Shell) -> None:
    done = quiet("shell")
    assert (done.code, done.out) == (2, b"")
    assert "requires a terminal" in done.err
