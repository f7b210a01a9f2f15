from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli_shell import PATIENCE, TOKENWARD, Shell

PYTHON = sys.executable
BOTH = pytest.mark.parametrize("option", ["--no-mask", "--mask"])


@pytest.mark.parametrize("code", [0, 1, 2, 70, 125, 255])
def test_the_exit_code_is_the_commands(bare_shell: Shell, code: int) -> None:
    assert bare_shell("run", "--", "sh", "-c", f"exit {code}").code == code


def test_a_command_that_a_signal_ends_is_seen_to_end_so(bare_shell: Shell) -> None:
    assert bare_shell("run", "--", "sh", "-c", "kill -TERM $$").code == -signal.SIGTERM


@pytest.mark.parametrize("arguments", [[], ["--"], ["--no-such-option", "true"]])
def test_a_usage_error_is_told_from_the_commands_codes(bare_shell: Shell, arguments: list[str]) -> None:
    done = bare_shell("run", *arguments)
    assert done.code == 125
    assert done.err.endswith("see `tokenward run --help`.\n")
    assert done.err.count("\n") == 1


def test_options_after_the_command_are_its_own(bare_shell: Shell) -> None:
    assert bare_shell("run", "echo", "--help", "--env-file", "-h").text == "--help --env-file -h\n"


def test_a_command_that_is_not_there_is_127(bare_shell: Shell) -> None:
    done = bare_shell("run", "no-such\x1b[2Jcommand")
    assert (done.code, done.err) == (
        127,
        "tokenward: no-such?[2Jcommand was not found on PATH; check its name.\n",
    )


@pytest.mark.parametrize("verb", ["run", "exec"])
def test_a_folder_is_no_program(bare_shell: Shell, verb: str) -> None:
    done = bare_shell(verb, "/")
    assert done.code == 126
    assert done.err.endswith("tokenward: / is not executable; name a program.\n")


def test_what_cannot_be_executed_is_126(bare_shell: Shell) -> None:
    bare_shell.folder.joinpath("plain").write_text("text")
    broken = bare_shell.write_script("broken", "#!/no/such/interpreter\n")
    for name in ("./plain", str(broken)):
        done = bare_shell("run", name)
        assert done.code == 126
        assert f"tokenward: {name} cannot be started (" in done.err


def test_an_environment_that_is_too_large_is_126(bare_shell: Shell) -> None:
    bare_shell.write_env(f"HUGE={'x' * 1_000_000}")
    done = bare_shell("run", "true")
    assert (done.code, "Argument list too long" in done.err) == (126, True)


def test_a_script_without_an_interpreter_line_runs(bare_shell: Shell) -> None:
    bare_shell.write_script("task", 'echo "$0" "$1" "$A"\n')
    bare_shell.write_env("A=b")
    assert bare_shell("run", "./task", "a b").text == "./task a b b\n"


def test_a_value_with_a_nul_is_refused_by_its_name(stored: Shell) -> None:
    stored.put("BINARY", "a\0b")
    stored.write_env("DATA=keyring://acme-api/BINARY")
    done = stored("run", "true")
    assert done.code == 125
    assert done.err.startswith("tokenward: The value of DATA contains a NUL")


def test_the_environment_and_the_arguments_pass_byte_for_byte(stored: Shell) -> None:
    odd = {"ODD": b"x\xfe\xff", "NEWLINE": b"a\nb", "EMPTY": b"", "LANG": b"C"}
    environment = {name: value for name, value in stored.environment.items() if not name.startswith("LC_")}
    given = {**{k: os.fsencode(v) for k, v in environment.items()}, **odd}

    def seen(*before: str) -> list[bytes]:
        command: list[str | bytes] = [*before, "sh", "-c", 'printf "%s\\0" "$1"; env -0', "-", b"arg\xff\x01"]
        return subprocess.run(
            command, env=given, cwd=stored.folder, capture_output=True, check=True
        ).stdout.split(b"\0")

    assert sorted(seen(TOKENWARD, "run", "--no-mask")) == sorted([*seen()[:-1], b"TOKEN=the value", b""])


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1", "C.UTF-8"])
def test_a_value_reaches_the_command_in_utf_8_in_every_locale(stored: Shell, locale: str) -> None:
    stored.put("WIDE", "ключ 🔑")
    stored.write_env("WIDE=keyring://acme-api/WIDE")
    assert stored("run", "--no-mask", "printenv", "WIDE", LC_ALL=locale).text == "ключ 🔑\n"


def test_our_own_secrets_do_not_reach_the_command_by_any_way(bare_shell: Shell) -> None:
    bare_shell.write_env("STOLEN=[${TOKENWARD_VAULT_PASSPHRASE}${TOKENWARD_VAULT_KEY}]")
    done = bare_shell("run", "env", TOKENWARD_VAULT_PASSPHRASE="our phrase", TOKENWARD_VAULT_KEY="our key")
    assert "STOLEN=[]" in done.text
    assert "our " not in done.text
    assert "TOKENWARD_VAULT" not in done.text


def test_the_command_takes_the_place_of_the_process_and_nothing_of_ours_is_left(stored: Shell) -> None:
    probe = "import os; print(os.getpid(), sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
    children = "; print(open(f'/proc/self/task/{os.getpid()}/children').read())"
    with subprocess.Popen(
        [TOKENWARD, "run", "--no-mask", "--", PYTHON, "-S", "-c", probe + children],
        env=dict(stored.environment),
        cwd=stored.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        out, _ = process.communicate(timeout=PATIENCE)
    assert out.decode().split("\n") == [f"{process.pid} [0, 1, 2]", "", ""]


def test_a_descriptor_that_was_handed_down_and_one_that_was_closed_stay_so(bare_shell: Shell) -> None:
    command = f'"{TOKENWARD}" run -- sh -c "cat <&7; ls /proc/self/fd" 7<given 0<&-'
    bare_shell.folder.joinpath("given").write_text("from 7\n")
    done = subprocess.run(
        ["sh", "-c", command],
        env=dict(bare_shell.environment),
        cwd=bare_shell.folder,
        capture_output=True,
        check=True,
    )
    first, *descriptors = done.stdout.decode().split("\n")
    # `ls` takes the free 0 for the folder that it lists.
    assert (first, descriptors) == ("from 7", ["0", "1", "2", "7", ""])


@BOTH
def test_signals_are_handled_as_without_us(stored: Shell, option: str) -> None:
    command = ["grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"]
    plain = subprocess.run(command, capture_output=True, check=True).stdout
    assert stored("run", option, "--", *command).out == plain


def test_stdin_is_the_commands(stored: Shell) -> None:
    assert stored("run", "cat", stdin=b"a\n\xff\0b").out == b"a\n\xff\0b"


def test_a_program_is_never_taken_from_the_workspace(bare_shell: Shell) -> None:
    for place in ("", "bin/"):
        bare_shell.write_script(f"{place}intruder", "#!/bin/sh\necho intruded\n")
    bare_shell.write_env(f"PATH={bare_shell.folder}/bin:{os.environ['PATH']}")
    for path in (os.environ["PATH"], f":{os.environ['PATH']}", f".:bin:{os.environ['PATH']}:"):
        done = bare_shell("run", "intruder", PATH=path)
        assert (done.code, done.out) == (127, b"")
    assert bare_shell("run", "./intruder").text == "intruded\n"


def test_at_a_terminal_the_command_has_the_terminal(stored: Shell) -> None:
    probe = "import os; print([os.isatty(n) for n in (0, 1, 2)], os.tcgetpgrp(0) == os.getpgrp())"
    with stored.terminal("run", "--", PYTHON, "-c", probe) as terminal:
        assert terminal.end() == 0
    assert terminal.shown.strip() == "[True, True, True] True"


def test_ctrl_c_reaches_the_command_alone(stored: Shell) -> None:
    handler = "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done"
    with stored.terminal("run", "--", "sh", "-c", handler) as terminal:
        terminal.expect("ready")
        terminal.type("\x03")
        assert terminal.end() == 7
    assert terminal.shown.replace("^C", "").split() == ["ready", "caught"]


def test_job_control_works(stored: Shell) -> None:
    stored_job = f'set -m; "{TOKENWARD}" run -- sh -c "kill -STOP \\$\\$; echo resumed" & wait; jobs; fg'
    with stored.terminal("-c", stored_job, command=("bash",)) as terminal:
        terminal.expect("resumed")
        assert terminal.end() == 0
    assert "Stopped" in terminal.shown


def test_ctrl_c_while_the_keyring_hangs_ends_at_once_without_a_traceback(fake_shell: Shell) -> None:
    fake_shell.put("TOKEN", "the value")
    fake_shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    fake = Path(fake_shell.environment["FAKE_KEYRING"])
    fake.joinpath("pid").unlink()
    fake.joinpath("hang").touch()
    with fake_shell.terminal("run", "--", "touch", "started") as terminal:
        while not fake.joinpath("pid").exists():
            time.sleep(0.01)
        terminal.type("\x03")
        assert terminal.end() == 130
    assert terminal.shown.replace("^C", "").strip() == ""
    assert not fake_shell.folder.joinpath("started").exists()
