"""`tokenward redact` masks tokens, passes everything else unchanged, and delays nothing."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from cli_shell import PATIENCE, TOKENWARD, Shell
from tokenward.cli.support.read_ahead import (
    ChunkReader,
    Pause,
    chunks_and_pauses,
    polling_reader,
    threaded_reader,
)

TOKEN = tokens.github()
MASKED = TOKEN[:4] + "*" * (len(TOKEN) - 4)
FILLING = b"nothing to see here, line after line\n" * 1000


@dataclass
class Live:
    """The command between two pipes that stay open."""

    process: subprocess.Popen[bytes]
    came: bytes = b""

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def expect(self, data: bytes) -> None:
        """Read until a text arrives."""
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while data not in self.came:
            assert select.select([descriptor], [], [], PATIENCE)[0], self.came[-200:]
            chunk = os.read(descriptor, 65536)
            assert chunk, self.came[-200:]
            self.came += chunk

    def end(self) -> tuple[int, bytes]:
        """End the input, read the rest, and return the exit code and stderr."""
        rest, said = self.process.communicate(timeout=PATIENCE)
        self.came += rest or b""
        return self.process.returncode, said


@contextlib.contextmanager
def live(shell: Shell, *arguments: str) -> Iterator[Live]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [TOKENWARD, "redact", *arguments],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        env=dict(shell.environment),
        cwd=shell.folder,
    ) as process:
        try:
            yield Live(process)
        finally:
            process.kill()


def test_tokens_are_masked_and_all_else_is_as_it_came(bare_shell: Shell) -> None:
    noise = random.Random(3).randbytes(300_000)
    text = f"\x1b[32mkey {TOKEN}\x1b[0m\r\n\0".encode()
    done = bare_shell("redact", stdin=noise + b"\n" + text + FILLING * 10 + text)
    assert (done.code, done.err) == (0, "")
    masked = text.replace(TOKEN.encode(), MASKED.encode())
    assert done.out == noise + b"\n" + masked + FILLING * 10 + masked


def test_a_private_key_is_masked_line_by_line(bare_shell: Shell) -> None:
    key = tokens.private_key()
    done = bare_shell("redact", stdin=f"before\n{key}\nafter\n".encode())
    assert not set(done.text.split("\n")) & set(key.split("\n"))
    assert [len(line) for line in done.text.split("\n")[1:-2]] == [len(line) for line in key.split("\n")]
    assert done.text.startswith("before\n")
    assert done.text.endswith("\nafter\n")


def test_files_come_one_after_the_other(bare_shell: Shell) -> None:
    """A FIFO counts as a file, as from `<(command)`; and `-` is stdin."""
    bare_shell.folder.joinpath("a.log").write_text(f"a {TOKEN}")
    bare_shell.folder.joinpath("-b.log").write_text("b")
    os.mkfifo(bare_shell.folder / "fifo")
    with live(bare_shell, "a.log", "fifo", "-", "./-b.log") as running:
        bare_shell.folder.joinpath("fifo").write_text(f" c {TOKEN} ")
        running.send(f"d {TOKEN} ".encode())
        assert running.end() == (0, b"")
        assert running.came.decode() == f"a {MASKED} c {MASKED} d {MASKED} b"


def test_a_line_is_shown_while_the_next_one_has_not_come(bare_shell: Shell) -> None:
    with live(bare_shell) as running:
        running.send(f"key {TOKEN}\n".encode())
        running.expect(f"key {MASKED}\n".encode())
        running.send(b"a prompt without an end: ")
        running.expect(b"without an end: ")
        assert running.end() == (0, b"")


def test_a_token_far_up_in_what_came_at_once_is_masked_when_nothing_follows(bare_shell: Shell) -> None:
    with live(bare_shell) as running:
        running.send(f"key {TOKEN}\n".encode() + FILLING + b"the end\n")
        running.expect(b"the end\n")
        assert running.came == f"key {MASKED}\n".encode() + FILLING + b"the end\n"


def test_a_token_at_the_very_end_is_masked_when_nothing_follows(bare_shell: Shell) -> None:
    with live(bare_shell) as running:
        running.send(f"key {TOKEN}".encode())
        running.expect(MASKED.encode())
        assert running.end() == (0, b"")
        assert running.came == f"key {MASKED}".encode()


def test_a_token_that_a_terminal_wrapped_is_masked_if_its_width_is_known(bare_shell: Shell) -> None:
    shown, expected = f"key {TOKEN}", f"key {MASKED}"
    wrapped, masked = (
        "\n".join(text[at : at + 20] for at in range(0, len(text), 20)) + "\nmore\n"
        for text in (shown, expected)
    )
    assert bare_shell("redact", "--columns", "20", stdin=wrapped.encode()).text == masked


def test_what_was_masked_is_said_by_label_if_somebody_wants_to_know(bare_shell: Shell) -> None:
    text = f"{TOKEN} {tokens.github(1)} {tokens.npm()}\n".encode()
    said = bare_shell("redact", "--summary", stdin=text).err.splitlines()
    assert said == [
        "tokenward: masked 3 tokens",
        "  GitHub token (ghp_…, 40 characters): 2",
        "  npm token (npm_…, 40 characters): 1",
    ]
    assert "masked no tokens" in bare_shell("redact", "--summary").err
    assert bare_shell("redact", stdin=text).err == ""


@pytest.mark.parametrize(("arguments", "is_said"), [((), True), (("--quiet",), False)])
def test_at_a_terminal_it_is_said_unless_nobody_wants_to(
    bare_shell: Shell, arguments: tuple[str, ...], is_said: bool
) -> None:
    bare_shell.folder.joinpath("a.log").write_text(f"key {TOKEN}\n")
    with bare_shell.terminal("redact", *arguments, "a.log") as terminal:
        assert terminal.end() == 0
        assert f"key {MASKED}" in terminal.shown
        assert ("masked 1 token" in terminal.shown) == is_said


def test_the_exit_code_says_whether_there_was_a_token_only_if_that_is_a_failure(bare_shell: Shell) -> None:
    text = f"{TOKEN}\n".encode()
    assert bare_shell("redact", stdin=text).code == 0
    assert bare_shell("redact", "--fail", stdin=text).code == 1
    assert bare_shell("redact", "--fail", stdin=FILLING).code == 0


def test_nothing_that_a_text_or_a_repository_says_lets_a_token_through(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    folder.joinpath(".gitleaks.toml").write_text('[[allowlists]]\nregexes = [".*"]\n')
    folder.joinpath("a.log").write_text(f"key = '{TOKEN}'  # tokenward:ignore\n")
    assert bare_shell("scan", "a.log").code == 0
    for done in (
        bare_shell("redact", "a.log"),
        bare_shell("redact", stdin=f"# gitleaks:allow {TOKEN}".encode()),
    ):
        assert (done.code, TOKEN in done.text) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("absent",), "absent does not exist"),
        ((".",), "is a folder"),
        (("a.log", "absent"), "absent does not exist"),
    ],
)
def test_what_cannot_be_read_is_said_before_anything_is_printed(
    bare_shell: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    bare_shell.folder.joinpath("a.log").write_text("a\n")
    done = bare_shell("redact", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert sentence in done.err


def test_a_file_is_not_copied_into_itself(bare_shell: Shell) -> None:
    log = bare_shell.folder / "a.log"
    log.write_text("a\n")
    with log.open("ab") as output:
        done = subprocess.run(
            [TOKENWARD, "redact", "a.log"],
            stdout=output,
            stderr=subprocess.PIPE,
            env=dict(bare_shell.environment),
            cwd=bare_shell.folder,
            timeout=PATIENCE,
            check=False,
        )
    assert (done.returncode, log.read_text()) == (2, "a\n")
    assert b"is also the output" in done.stderr


@pytest.mark.parametrize(("failure", "code"), [("TimeoutError", 2), ("MemoryError", 70)])
@pytest.mark.parametrize("stays_open", [True, False])
def test_nothing_that_was_not_searched_is_printed(
    bare_shell: Shell, tmp_path: Path, failure: str, code: int, stays_open: bool
) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text(
        "from tokenward.detection.engine import Detector\n"
        f"def fail(self, text, *args, **options):\n    raise {failure}(text)\n"
        "Detector.detect_all = fail\n"
    )
    shell = bare_shell.having(PYTHONPATH=str(tmp_path))
    with live(shell) as running:
        running.send(f"key {TOKEN}\n".encode())
        if stays_open:
            running.process.wait(PATIENCE)
        ended, said = running.end()
    assert (ended, running.came) == (code, b"")
    assert said.startswith(b"tokenward: ")
    assert TOKEN.encode() not in said


def test_ctrl_c_ends_it_quietly(bare_shell: Shell) -> None:
    with live(bare_shell, "--quiet") as running:
        running.send(b"a line\n")
        running.expect(b"a line\n")
        running.process.send_signal(signal.SIGINT)
        running.process.wait(PATIENCE)
        assert running.end() == (130, b"")


def test_it_ends_quietly_when_nobody_reads_any_more(bare_shell: Shell) -> None:
    with live(bare_shell) as running:
        running.send(b"a line\n")
        running.expect(b"a line\n")
        assert running.process.stdout is not None
        running.process.stdout.close()
        running.process.stdout = None
        running.send(b"another\n")
        running.process.wait(PATIENCE)
        assert running.end() == (1, b"")


READERS = {"polling_reader": polling_reader, "threaded_reader": threaded_reader}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@given(portions=st.lists(st.binary(min_size=1, max_size=50), max_size=8))
def test_all_that_comes_arrives_in_order(reader: Callable[[int], ChunkReader], portions: list[bytes]) -> None:
    ours, theirs = os.pipe()
    try:
        for portion in portions:
            os.write(theirs, portion)
        os.close(theirs)
        assert b"".join(
            came for came in chunks_and_pauses(reader(ours)) if isinstance(came, bytes)
        ) == b"".join(portions)
    finally:
        os.close(ours)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_pause_is_told_when_it_begins_and_when_it_has_lasted(reader: Callable[[int], ChunkReader]) -> None:
    ours, theirs = os.pipe()
    chunks: list[bytes | Pause] = []
    for arrival in chunks_and_pauses(reader(ours)):
        chunks.append(arrival)
        if arrival is Pause.LONG and b"more" not in chunks:
            os.write(theirs, b"more")
        elif arrival is Pause.LONG:
            os.close(theirs)
    os.close(ours)
    assert chunks == [Pause.SHORT, Pause.LONG, b"more", Pause.SHORT, Pause.LONG]


def test_a_regular_file_makes_no_pause(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILLING * 10)
    with path.open("rb") as file:
        assert all(isinstance(came, bytes) for came in chunks_and_pauses(polling_reader(file.fileno())))
