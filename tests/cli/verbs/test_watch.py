"""`tokenward watch` reports each new token in a log file once, and never its value."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

import tokens
from cli_shell import PATIENCE, TOKENWARD, Done, Shell

GITHUB = "GitHub token (ghp_…, 40 characters), github-pat"
NPM = "npm token (npm_…, 40 characters), npm-access-token"


@dataclass
class Watching:
    """The command while it runs."""

    process: subprocess.Popen[bytes]

    def line(self) -> str:
        """Return the next line of its output, which appears when there is a token."""
        return next_line(self.process.stdout)

    def said(self) -> str:
        return next_line(self.process.stderr)


def next_line(pipe: IO[bytes] | None) -> str:
    """Wait for a line and return it; return an empty one at the end."""
    assert pipe is not None
    line = b""
    while not line.endswith(b"\n"):
        assert select.select([pipe], [], [], PATIENCE)[0], f"nothing came after {line!r}"
        character = os.read(pipe.fileno(), 1)
        if not character:
            break
        line += character
    return line.decode().rstrip("\n")


@contextlib.contextmanager
def watching(shell: Shell, *arguments: str) -> Iterator[Watching]:
    """Run until it reports that it watches, and then run the body."""
    with subprocess.Popen(
        [TOKENWARD, "watch", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(shell.environment),
        cwd=shell.folder,
    ) as process:
        try:
            running = Watching(process)
            assert "watching" in running.said()
            yield running
        finally:
            process.kill()


def watched(shell: Shell, *arguments: str, code: int) -> Done:
    """Watch files from their start, until they are idle."""
    done = shell("watch", "--from-start", "--until-idle", "0.1", *arguments)
    assert done.code == code, done.err
    return done


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.fixture
def log(bare_shell: Shell) -> Path:
    return bare_shell.folder / "app.log"


def test_a_token_that_is_appended_is_told_once_with_its_line(bare_shell: Shell, log: Path) -> None:
    log.write_text(f"old {tokens.gitlab()}\n" * 3)
    with watching(bare_shell, "app.log") as running:
        append(log, f"\nkey {tokens.github()}\nkey {tokens.github()}\n")
        assert running.line() == f"app.log:5: {GITHUB}"
        append(log, f"key {tokens.github()} {tokens.npm()}\n")
        assert running.line() == f"app.log:7: {NPM}"


def test_a_token_far_up_in_what_came_at_once_is_told_when_nothing_follows(
    bare_shell: Shell, log: Path
) -> None:
    with watching(bare_shell, "app.log") as running:
        append(log, f"key {tokens.github()}\n" + "nothing to see here\n" * 3000)
        assert running.line() == f"app.log:1: {GITHUB}"


def test_a_token_at_the_very_end_of_a_file_is_told_when_nothing_follows(bare_shell: Shell, log: Path) -> None:
    with watching(bare_shell, "app.log") as running:
        append(log, f"key {tokens.github()}")
        assert running.line() == f"app.log:1: {GITHUB}"


def test_lines_are_counted_over_much_text(bare_shell: Shell, log: Path) -> None:
    text = "\x1b[32mnothing\x1b[0m to see here\n" * 30_000
    log.write_text(f"{text}key {tokens.github()}\n{text}key {tokens.npm()}\n")
    done = watched(bare_shell, "app.log", code=1)
    assert done.text.splitlines() == [f"app.log:30001: {GITHUB}", f"app.log:60002: {NPM}"]


def test_files_are_followed_through_rotation(bare_shell: Shell, log: Path) -> None:
    with watching(bare_shell, "app.log") as running:
        append(log, f"one {tokens.github()}\n")
        assert running.line() == f"app.log:1: {GITHUB}"
        log.rename(log.with_name("app.log.1"))
        append(log, f"two\n{tokens.npm()}\n")
        assert running.line() == f"app.log:2: {NPM}"
        shutil.copyfile(log, log.with_name("app.log.2"))
        os.truncate(log, 0)
        append(log, f"{tokens.github(1)}\n")
        assert running.line() == f"app.log:1: {GITHUB}"


def test_a_file_that_is_not_there_yet_is_waited_for(bare_shell: Shell, log: Path) -> None:
    with watching(bare_shell, "app.log", "logs/*.log") as running:
        log.with_name("logs").mkdir()
        append(log.with_name("logs") / "a.log", f"{tokens.npm()}\n")
        assert running.line() == f"logs/a.log:1: {NPM}"
        append(log, f"{tokens.github()}\n")
        assert running.line() == f"app.log:1: {GITHUB}"


def test_a_program_gets_an_object_for_each_token_without_its_value(bare_shell: Shell, log: Path) -> None:
    log.write_text(f"key {tokens.github()}\n{tokens.npm()}\n")
    done = watched(bare_shell, "--format", "json", "app.log", code=1)
    first, second = map(json.loads, done.text.splitlines())
    fingerprint = first.pop("fingerprint")
    assert first == {
        "path": "app.log",
        "line": 1,
        "label": "GitHub token (ghp_…, 40 characters)",
        "rule": "betterleaks.github-pat",
        "provider": "GitHub",
    }
    report = json.loads(bare_shell("scan", "--format", "json", "app.log").text)
    assert [fingerprint, second["fingerprint"]] == [one["fingerprint"] for one in report["findings"]]
    assert not any(token in done.text + done.err for token in (tokens.github(), tokens.npm()))


def test_the_rules_of_the_files_folder_hold(bare_shell: Shell, log: Path) -> None:
    log.write_text(f"key = '{tokens.github()}'\nkey = '{tokens.npm()}'\n")
    entry = bare_shell("ignore", "app.log:1", "--reason", "a test")
    assert entry.code == 0, entry.err
    assert watched(bare_shell, "app.log", code=1).text == f"app.log:2: {NPM}\n"
    elsewhere = log.parent.parent / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(log, elsewhere)
    assert len(watched(bare_shell, "../elsewhere/app.log", code=1).text.splitlines()) == 2
    assert watched(bare_shell.at(elsewhere), str(log), code=1).text == f"{log}:2: {NPM}\n"


def test_more_files_than_are_kept_in_mind_are_watched(bare_shell: Shell, log: Path) -> None:
    """When another file takes its place, a file's last line is reported even without an end."""
    for number in range(70):
        log.with_name(f"{number:02}.log").write_text(f"x\nkey {tokens.github(number)}")
    done = watched(bare_shell, "*.log", code=1)
    assert sorted(done.text.splitlines()) == [f"{number:02}.log:2: {GITHUB}" for number in range(70)]


def test_what_is_no_file_is_said_and_never_read(bare_shell: Shell, log: Path) -> None:
    os.mkfifo(log)
    log.with_name("zero").symlink_to("/dev/zero")
    done = watched(bare_shell, "app.log", "zero", code=0)
    assert done.out == b""
    assert "app.log is not a regular file" in done.err
    assert "zero is not a regular file" in done.err


def test_a_folder_is_refused(bare_shell: Shell) -> None:
    done = bare_shell("watch", ".")
    assert (done.code, done.out) == (2, b"")
    assert ". is a folder" in done.err


def test_a_hostile_name_is_only_ever_a_text(bare_shell: Shell, log: Path) -> None:
    log.with_name("\x1b]0;x\x07\n::error::.log").write_text(f"key {tokens.github()}\n")
    done = watched(bare_shell, "*.log", code=1)
    assert done.text.count("\n") == 1
    assert not set("\x1b\x07") & set(done.text)
    assert "\n::" not in done.text


def test_a_part_that_takes_too_long_is_said_and_the_rest_is_searched(
    bare_shell: Shell, tmp_path: Path, log: Path
) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text(
        "from tokenward.detection.engine import Detector\n"
        "detect = Detector.detect_all\n"
        "def fail(self, text, *args, **options):\n"
        "    if 'slow' in text: raise TimeoutError(text)\n"
        "    return detect(self, text, *args, **options)\n"
        "Detector.detect_all = fail\n"
    )
    with watching(bare_shell.having(PYTHONPATH=str(tmp_path)), "app.log") as running:
        append(log, "slow\nslow\n")
        assert "app.log took too long" in running.said()
        append(log, f"key {tokens.github()}\n")
        assert running.line() == f"app.log:3: {GITHUB}"


def test_ctrl_c_ends_it_quietly(bare_shell: Shell, log: Path) -> None:
    with watching(bare_shell, "app.log") as running:
        append(log, f"key {tokens.github()}\n")
        assert running.line() == f"app.log:1: {GITHUB}"
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(PATIENCE) == 130
        assert (running.line(), running.said()) == ("", "")
