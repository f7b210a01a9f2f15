"""A command's output shows none of the values it received, unless a terminal or the user asks for them."""

from __future__ import annotations

import base64
import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tokens
from cli_shell import PATIENCE, TOKENWARD, Shell
from starts import in_session

TOKEN = tokens.github("run")
STARS = TOKEN[:4] + "*" * 36
PRINT = 'printf %s "$TOKEN"'


@pytest.fixture
def token(shell: Shell) -> Shell:
    """A workspace whose `.env` gives a command a GitHub token."""
    shell.put("TOKEN", TOKEN)
    shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    return shell


def test_a_value_is_masked_in_both_streams_when_no_terminal_shows_them(token: Shell) -> None:
    done = token("run", "--", "sh", "-c", f"{PRINT}; {PRINT} >&2; exit 3")
    assert (done.code, done.text, done.err) == (3, STARS, STARS)


def test_a_value_is_masked_in_other_spellings_and_inside_other_values(token: Shell) -> None:
    token.write_env("TOKEN=keyring://acme-api/TOKEN", "URL=https://me:${TOKEN}@host/")
    done = token("run", "--", "sh", "-c", 'echo "$URL"; printf "%s" "$TOKEN" | base64 -w0')
    assert done.text.startswith(f"https://me:{STARS}@host/\n")
    assert set(done.text.splitlines()[1]) <= set("*=")
    assert base64.b64encode(TOKEN.encode()).decode()[:8] not in done.text


@pytest.mark.parametrize(("size", "pause"), [(1, 0.005), (1, 0.03), (3, 0.1), (4, 0.3), (8, 0.3)])
def test_a_value_that_comes_in_pieces_with_pauses_shows_a_quarter_at_most(
    token: Shell, size: int, pause: float
) -> None:
    script = (
        "import os, time\n"
        "value = os.environb[b'TOKEN']\n"
        f"for at in range(0, 40, {size}):\n"
        f"    os.write(1, value[at : at + {size}]); time.sleep({pause})\n"
    )
    out = token("run", "--", sys.executable, "-c", script).text
    assert len(out) == 40
    assert sum(character != "*" for character in out) <= 10


def test_a_stream_that_ends_within_a_value_is_passed_whole(token: Shell) -> None:
    done = token("run", "--", "sh", "-c", 'printf "%.20s" "$TOKEN"')
    assert done.text == TOKEN[:20]


def test_no_mask_shows_the_values_and_is_the_command_itself(token: Shell) -> None:
    done = token("run", "--no-mask", "--", "sh", "-c", PRINT)
    assert done.text == TOKEN


def test_what_was_not_resolved_is_not_masked(token: Shell) -> None:
    token.write_env("TOKEN=keyring://acme-api/TOKEN", f"PLAIN={(plain := tokens.npm('run'))}")
    assert token("run", "printenv", "PLAIN").text == f"{plain}\n"


@pytest.mark.parametrize("to", ["stdout", "stderr"])
def test_what_goes_nowhere_else_needs_no_process_of_ours(token: Shell, to: str) -> None:
    """At a terminal or with no output, the command replaces our process; a redirected stream needs us in between."""
    probe = "import os; print(os.getppid(), open(f'/proc/{os.getppid()}/cmdline').read())"
    ours = {"stdout": "", "stderr": f"2>'{token.folder}/log'"}[to]
    line = f'"{TOKENWARD}" run -- {sys.executable} -c "{probe}" {ours}'
    with token.terminal("-c", line, command=("bash",)) as terminal:
        assert terminal.end() == 0
    assert ("tokenward" in terminal.shown) == (to == "stderr")


def test_both_streams_to_one_file_keep_their_order(token: Shell) -> None:
    script = "for n in 1 2 3 4 5 6 7 8 9; do echo out$n; echo err$n >&2; done"
    done = subprocess.run(
        [TOKENWARD, "run", "--", "sh", "-c", script],
        env=dict(token.environment),
        cwd=token.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
    )
    assert done.stdout.decode().split() == [f"{kind}{n}" for n in range(1, 10) for kind in ("out", "err")]


def test_a_large_output_passes_byte_for_byte(token: Shell) -> None:
    data = bytes(range(256)) * 20_000
    token.folder.joinpath("bytes").write_bytes(data)
    done = token("run", "--", "sh", "-c", f"cat bytes; {PRINT}; cat bytes")
    expected = data + STARS.encode() + data
    assert hashlib.sha256(done.out).digest() == hashlib.sha256(expected).digest()


def test_a_command_that_a_signal_ends_is_told_by_its_code(token: Shell) -> None:
    assert token("run", "--", "sh", "-c", "kill -TERM $$").code == 128 + signal.SIGTERM


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_reaches_the_command(token: Shell, name: str) -> None:
    script = f"trap 'exit 7' {name.removeprefix('SIG')}; echo ready; while :; do sleep 0.05; done"
    with in_session(
        [TOKENWARD, "run", "--", "sh", "-c", script], token.environment, token.folder, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(getattr(signal, name))
        assert process.wait(PATIENCE) == 7


def test_when_the_reader_goes_the_command_is_told(token: Shell) -> None:
    ended = subprocess.run(
        ["bash", "-c", """"$0" run -- sh -c 'printf %s "$TOKEN"; yes' | head -c 44""", TOKENWARD],
        env=dict(token.environment),
        cwd=token.folder,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert ended.stdout.decode() == f"{STARS}y\ny\n"


@pytest.mark.parametrize("name", ["./plain", "./broken"])
def test_what_cannot_be_started_is_126(token: Shell, name: str) -> None:
    token.folder.joinpath("plain").write_text("text")
    token.write_script("broken", "#!/no/such/interpreter\n")
    done = token("run", name)
    assert (done.code, " cannot be started (" in done.err) == (126, True)


def test_at_a_terminal_with_mask_the_command_has_one_and_prompts_appear(token: Shell) -> None:
    script = f'test -t 0 && test -t 1 && echo yes; printf "{TOKEN[:6]}"; read answer; {PRINT}; exit 4'
    with token.terminal("run", "--mask", "--", "sh", "-c", script) as terminal:
        terminal.expect(TOKEN[:6])
        terminal.type("go\r")
        assert terminal.end() == 4
    assert terminal.shown.startswith("yes")
    assert terminal.shown.endswith(STARS)


def test_an_output_that_cannot_be_masked_is_not_shown(token: Shell, tmp_path: Path) -> None:
    """A fault of ours ends the command, and its output stays hidden."""
    broken = tmp_path / "broken"
    broken.mkdir()
    broken.joinpath("sitecustomize.py").write_text(
        "import sys\n"
        "import types\n"
        "def stars(data): raise RuntimeError(data)\n"
        "broken = types.ModuleType('tokenward.findings.stream.stars')\n"
        "broken.stars = stars\n"
        "sys.modules[broken.__name__] = broken\n"
    )
    done = token.having(PYTHONPATH=str(broken))("run", "--", "sh", "-c", f"{PRINT}; sleep 60")
    assert (done.code, done.text) == (70, "")
    assert "could not be masked because of an unexpected RuntimeError" in done.err
    assert TOKEN[4:] not in done.err
