"""A masked command is the same command, and nothing can be added to one that counts as masked."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.operations.agents.masked_command import is_masked, is_parsed, masked_command

PROGRAM = "/opt/a b/tokenward"
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)


@given(LINES)
def test_a_masked_command_is_recognised_and_not_masked_again(line: str) -> None:
    masked = masked_command(PROGRAM, line)
    assert masked_command(PROGRAM, masked) == masked
    assert masked == line or is_masked(PROGRAM, masked)
    never_fails = masked_command(PROGRAM, line, succeeds=True)
    assert masked_command(PROGRAM, never_fails, succeeds=True) == never_fails
    assert masked == line or not is_masked(PROGRAM, masked, succeeds=True)


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
    wanted = line if masked is None else f"false && {{\n{line}\n}}; {masked.format(opening)}"
    assert masked_command(PROGRAM, line) == wanted


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize(
    "line",
    [
        "echo 'a  b' \"$X\"",
        "cd sub && pwd; exit 3",
        "echo $0 >&2; false",
        "printf '%s' \"it's\" | tr a-z A-Z",
        "cat <<E\n}; echo it's\nE",
        "cd nowhere && pwd",
        "echo a # }; echo b",
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
        said = re.sub(rb"/usr/bin/|/bin/|(line )?\d+: ", b"", done.stderr)
        ends.append((done.returncode, done.stdout, said))
    assert ends[0] == ends[1]
    done = subprocess.run(
        [shell, "-c", masked_command(str(program), line, succeeds=True)],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "X": "x y"},
        capture_output=True,
        check=True,
    )
    said = b"[exit code %d]\n" % ends[0][0] if ends[0][0] else b""
    assert done.stdout == ends[0][1] + said


@pytest.mark.parametrize(
    "line",
    ["}; echo out; {", "echo 'out", "cat <<E\nout", "fi; echo out", "echo $(", "(echo out", "echo out)"],
)
def test_no_line_that_the_shell_cannot_parse_is_masked(line: str) -> None:
    """Its first half would end early, and run."""
    assert not is_parsed(line)


@given(st.text("{}; &|()\n'\"\\#$<`eE=", max_size=12))
def test_what_never_runs_never_runs(line: str) -> None:
    """A line that can be parsed runs once, by Tokenward, however it is put together."""
    line = f"echo out >&2 {line}"
    if not is_parsed(line):
        return
    done = subprocess.run(
        ["bash", "-c", masked_command("/bin/true", line)],
        env={"PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        check=False,
    )
    assert b"out" not in done.stderr.replace(b"bash: -c", b"")
