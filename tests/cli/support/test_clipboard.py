from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tokens
from cli_shell import PATIENCE, PATIENT, TOKENWARD, Shell
from tokenward.cli.support import clipboard

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


TOKEN = tokens.github("clipboard")
POEM, KEPT = "a poem", "The clipboard holds a token that is not stored and was left alone"


@pytest.mark.parametrize(
    ("before", "stored", "after", "said"),
    [
        (POEM, False, "use GITHUB_TOKEN please", "The clipboard has the prompt without it."),
        (
            TOKEN,
            True,
            "use keyring://acme-api/GITHUB_TOKEN please",
            "The clipboard has the prompt without it.",
        ),
        (f"{TOKEN}\n", False, f"{TOKEN}\n", KEPT),
    ],
)
def test_a_stopped_prompt_is_copied_without_its_token_and_never_over_the_only_copy_of_one(
    with_clipboard: Shell, before: str, stored: bool, after: str, said: str
) -> None:
    if stored:
        with_clipboard.put("GITHUB_TOKEN", TOKEN)
    place = Path(with_clipboard.environment["CLIPBOARD"])
    place.write_text(before)
    reason = _stopped(with_clipboard)
    assert said in reason
    assert ("`tokenward put GITHUB_TOKEN`" in reason) is not stored
    assert place.read_text() == after


@pytest.mark.parametrize("why", ["the setting", "no person", "no clipboard"])
def test_a_stopped_prompt_is_not_copied(with_clipboard: Shell, why: str) -> None:
    place, fields = Path(with_clipboard.environment["CLIPBOARD"]), {}
    place.write_text(POEM)
    if why == "the setting":
        settings = Path(with_clipboard.environment["HOME"], ".config", "tokenward", "config.toml")
        settings.parent.mkdir(parents=True)
        settings.write_text("agents-clipboard = false\n")
    elif why == "no person":
        fields = {"source": "schedule_wakeup"}
    else:
        with_clipboard = with_clipboard.without("DISPLAY")
    reason = _stopped(with_clipboard, **fields)
    assert "was not sent" in reason
    assert "clipboard" not in reason
    assert place.read_text() == POEM


def test_a_clipboard_that_hangs_is_none(with_clipboard: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "PATH"):
        monkeypatch.setenv(name, with_clipboard.environment[name])
    monkeypatch.setattr(clipboard, "_MOST_SECONDS", 0.2)
    Path(with_clipboard.environment["CLIPBOARD"]).with_name("programs").joinpath("xclip").write_text(
        "#!/bin/sh\nexec sleep 3\n"
    )
    assert clipboard.copy_apart("words", lambda _: False) is False


def _stopped(shell: Shell, **fields: str) -> str:
    """Return why the hook of Claude Code stops a prompt."""
    payload = {"hook_event_name": "UserPromptSubmit", "prompt": f"use {TOKEN} please", **fields}
    done = subprocess.run(
        [*PATIENT, "agents", "hook", "claude-code"],
        input=json.dumps(payload).encode(),
        capture_output=True,
        env=dict(shell.environment),
        cwd=shell.folder,
        timeout=PATIENCE * 3,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["decision"] == "block"
    return str(answer["reason"])


def test_a_python_without_our_packages_copies_too(with_clipboard: Shell) -> None:
    """Such as that of the extension, whose start alone says where they are."""
    code = (
        "import sys; sys.path[:] = sys.argv[1:]; from tokenward.cli.support import clipboard; "
        f"clipboard._MOST_SECONDS = {PATIENCE}; "
        "sys.exit(clipboard.copy_apart('words', lambda _: False) is not True)"
    )
    python = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    done = subprocess.run(
        [python, "-I", "-S", "-c", code, *sys.path], env=dict(with_clipboard.environment), check=False
    )
    assert done.returncode == 0
    assert Path(with_clipboard.environment["CLIPBOARD"]).read_text() == "words"
