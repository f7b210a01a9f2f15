"""A masked command is the same command, and nothing can be added to one that counts as masked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.operations.agents.masked_command import is_masked, masked_command

PROGRAM = "/opt/a b/tokenward"
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)


@given(LINES)
def test_a_masked_command_is_recognised_and_not_masked_again(line: str) -> None:
    masked = masked_command(PROGRAM, line)
    assert masked_command(PROGRAM, masked) == masked
    assert masked == line or is_masked(PROGRAM, masked)


@given(
    LINES, st.sampled_from(["; env", " && env", "\nenv", " | cat", " > x", "$(env)", " 'env'", "&env", " #"])
)
def test_nothing_can_be_added_to_a_masked_command(line: str, more: str) -> None:
    masked = masked_command(PROGRAM, f"true; {line}")
    assert is_masked(PROGRAM, masked)
    assert not is_masked(PROGRAM, masked + more)
    assert masked_command(PROGRAM, masked + more) != masked + more
    assert not is_masked(PROGRAM, f"env{more[:1]}{masked}")


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("cd sub", None),
        ("cd sub && cd '../sub'", None),
        ("  cd ~/x", None),
        ("cd sub && env", "cd sub && {}env"),
        ("cd sub; env > x", "cd sub; {}'env > x'"),
        ("cd $(env)", "{}'cd $(env)'"),
        ("cd sub & env", "{}'cd sub & env'"),
        ("cd sub || env", "{}'cd sub || env'"),
        ("cd sub # env", "{}'cd sub # env'"),
        ("cd `env`", "{}'cd `env`'"),
        ("cd $TOKEN", "{}'cd $TOKEN'"),
        ("cdx", "{}cdx"),
    ],
)
def test_only_a_plain_change_of_folder_stays_outside(line: str, masked: str | None) -> None:
    opening = "'/opt/a b/tokenward' exec --mask -- \"${BASH:-${SHELL:-sh}}\" -c "
    assert masked_command(PROGRAM, line) == (line if masked is None else masked.format(opening))


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize(
    "line",
    [
        "echo 'a  b' \"$X\"",
        "cd sub && pwd; exit 3",
        "echo $0 >&2; false",
        "printf '%s' \"it's\" | tr a-z A-Z",
    ],
)
def test_it_does_what_the_command_does(tmp_path: Path, shell: str, line: str) -> None:
    (tmp_path / "sub").mkdir()
    program = tmp_path / "tokenward"
    # In place of `exec --mask --`, which other tests cover.
    program.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    program.chmod(0o755)
    ends = []
    for one in (line, masked_command(str(program), line)):
        done = subprocess.run(
            [shell, "-c", one],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "X": "x y"},
            capture_output=True,
            check=False,
        )
        ends.append(
            (done.returncode, done.stdout, done.stderr.replace(b"/usr/bin/", b"").replace(b"/bin/", b""))
        )
    assert ends[0] == ends[1]
