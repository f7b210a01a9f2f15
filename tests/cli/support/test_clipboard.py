from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_shell import PATIENCE, TOKENWARD, Shell

# Substitutes a file for the clipboard.
XCLIP = """#!/bin/sh
case "$*" in
  *-o*) cat "$CLIPBOARD" 2>/dev/null ;;
  *) echo "$*" >>"$CLIPBOARD.arguments"; cat >"$CLIPBOARD" ;;
esac
"""


@pytest.fixture
def with_clipboard(shell: Shell, tmp_path: Path) -> Shell:
    programs = tmp_path / "programs"
    programs.mkdir()
    programs.joinpath("xclip").write_text(XCLIP)
    programs.joinpath("xclip").chmod(0o755)
    return shell.without("WAYLAND_DISPLAY").having(
        DISPLAY=":99",
        CLIPBOARD=str(tmp_path / "clipboard"),
        PATH=f"{programs}:{shell.environment['PATH']}",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_copied_value_is_cleared_from_the_clipboard(with_clipboard: Shell, number: int) -> None:
    with _copied(with_clipboard) as (process, clipboard):
        assert clipboard.read_text() == "the value"
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == b""
    assert clipboard.read_text() == ""
    assert "the value" not in Path(f"{clipboard}.arguments").read_text()


def test_what_somebody_copied_since_is_left_in_the_clipboard(with_clipboard: Shell) -> None:
    with _copied(with_clipboard) as (process, clipboard):
        clipboard.write_text("a poem")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert clipboard.read_text() == "a poem"


def test_a_clipboard_that_does_not_take_the_value_is_reported(with_clipboard: Shell) -> None:
    with_clipboard.put("TOKEN", "the value")
    done = with_clipboard.having(CLIPBOARD="/no/such/folder/clipboard")("get", "TOKEN", "--clip")
    assert (done.code, done.out) == (2, b"")
    assert "The clipboard did not accept the value" in done.err


def test_without_a_clipboard_it_is_said_what_to_install(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    done = shell("get", "TOKEN", "--clip")
    assert (done.code, done.err) == (
        2,
        "tokenward: No clipboard was found; on Linux, install wl-clipboard, xclip or xsel.\n",
    )


@contextlib.contextmanager
def _copied(shell: Shell) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run `get --clip` until the clipboard holds the value."""
    shell.put("TOKEN", "the value")
    with subprocess.Popen(
        [TOKENWARD, "get", "TOKEN", "--clip"],
        env=dict(shell.environment),
        cwd=shell.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert (
            process.stderr.readline()
            == b"Copied. The clipboard is cleared in 30 s; press Ctrl-C to clear it now.\n"
        )
        yield process, Path(shell.environment["CLIPBOARD"])
        process.kill()
