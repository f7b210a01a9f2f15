"""A masked command is the same command, leaves its shell in the same folder, and nothing can be added to it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.operations.agents.masked_command import masked_command

PROGRAM = "/opt/a b/tokenward"
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)
SHELLS = (["bash"], ["bash", "--posix"], ["dash"], ["busybox", "sh"], ["zsh", "-f"])
ESCAPES = (
    "printf '%s' $'\\'\n}; echo out; false && {\n: #\\''",
    "}; echo out; {",
    "echo 'out",
    "cat <<E\nout",
    "$(",
    "' \" `",
    "echo \\",
)
"""Lines that end early, or not at all, in one shell or another."""


def is_here(shell: list[str]) -> bool:
    try:
        return subprocess.run([*shell, "-c", "true"], check=False).returncode == 0
    except OSError:
        return False


EACH_SHELL = pytest.mark.parametrize(
    "shell",
    [
        pytest.param(shell, marks=[] if is_here(shell) else pytest.mark.skip(f"{shell[0]} is not here"))
        for shell in SHELLS
    ],
    ids=" ".join,
)


@given(LINES)
def test_a_masked_command_is_recognised_and_not_masked_again(line: str) -> None:
    masked = masked_command(PROGRAM, line)
    assert masked_command(PROGRAM, masked) == masked
    assert masked != line or not line.strip()


@given(
    LINES, st.sampled_from(["; env", " && env", "\nenv", " | cat", " > x", "$(env)", " 'env'", "&env", " #"])
)
def test_nothing_can_be_added_to_a_masked_command(line: str, more: str) -> None:
    masked = masked_command(PROGRAM, f"true; {line}")
    for added in (masked + more, f"env{more[:1]}{masked}", masked.replace("'true; ", "'true; '; env '", 1)):
        assert masked_command(PROGRAM, added) != added


@pytest.fixture
def program(tmp_path: Path) -> str:
    """Return a program in place of Tokenward; other tests cover `exec --mask --`."""
    program = tmp_path / "tokenward"
    program.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    program.chmod(0o755)
    return str(program)


def ended(shell: list[str], line: str) -> tuple[int, str, str, str]:
    """Return how a line ends in a folder of its own: exit code, output, errors, and the shell's folder after it."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as programs:
        Path(folder, "a", "b").mkdir(parents=True)
        # Where BusyBox is the shell, `sh` is BusyBox.
        if shell[0] == "busybox":
            Path(programs, "sh").symlink_to(str(shutil.which("busybox")))
        after = f"{line}\ncode=$?; pwd > {folder}/after; exit $code"
        done = subprocess.run(
            [*shell, "-c", after],
            cwd=folder,
            env={"PATH": f"{programs}:/usr/bin:/bin", "X": "x y", "HOME": folder},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        place = Path(folder, "after")
        reached = place.read_text() if place.exists() else folder
        said = re.sub(r".*: (?=[^:]*: [^:]*$)", "", done.stderr.strip())
        out, said, reached = (one.replace(folder, "").strip() for one in (done.stdout, said, reached))
        return done.returncode, out, said, reached


@EACH_SHELL
@pytest.mark.parametrize(
    "line",
    [
        "echo 'a  b' \"$X\" $#",
        "cd a && ls && cd .. && pwd",
        "mkdir n && cd n",
        "mkdir n\ncd n\nmkdir m; cd m",
        "cd a; false",
        "cd a/b; ls ../nowhere",
        "cd nowhere && pwd",
        "cd a; exit 3",
        "exit 4",
        "(cd a; pwd)",
        "cd a; cd - > /dev/null",
        "cd a; set -e; X=1",
        "exec ls",
        "cat <<E\n}; echo it's $X\nE",
        "echo a # }; echo b",
        "printf '%s|' \"it's\" | tr a-z A-Z",
        "mkdir 'a \"b$(id)'; cd 'a \"b$(id)'",
        "mkdir -- '-P'; cd ./-P",
        "f() { cd a; }; f",
    ],
)
def test_it_does_what_the_command_does_and_its_shell_follows(
    program: str, shell: list[str], line: str
) -> None:
    assert ended(shell, masked_command(program, line)) == ended(shell, line)


@pytest.mark.parametrize("line", ["pushd a", "cd a; export Y=2; echo $'it\\'s'", "set -x; cd a; set +x"])
def test_bash_follows_too(program: str, line: str) -> None:
    masked, plain = ended(["bash"], masked_command(program, line)), ended(["bash"], line)
    assert (masked[:2], masked[3]) == (plain[:2], plain[3])


@EACH_SHELL
@pytest.mark.parametrize("line", ESCAPES)
def test_no_shell_runs_anything_but_the_program(shell: list[str], line: str) -> None:
    """The text that one shell takes for quoted may be a command to another."""
    code, out, _, after = ended(shell, masked_command("/bin/true", line))
    assert (code, out, after) == (0, "", "")


@EACH_SHELL
@given(line=st.text("{}; &|()\n'\"\\#$<`eE=", max_size=12))
def test_nothing_of_a_command_runs_outside_the_program(shell: list[str], line: str) -> None:
    line = masked_command("/bin/true", f"echo out >&2 {line}")
    done = subprocess.run(
        [*shell, "-c", line], env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_program_that_runs_on_keeps_no_shell_waiting(program: str) -> None:
    begun = ended(["bash"], masked_command(program, "sleep 40 > /dev/null 2>&1 & cd a"))
    assert begun == (0, "", "", "/a")


def test_what_a_command_says_of_its_folder_is_only_a_folder(program: str) -> None:
    """The shell follows by a quoted path, and prints nothing that it cannot follow."""
    for said in ("$(echo out)", "; echo out", "token", "-P", "a\necho out"):
        line = f"cd a; pwd() {{ printf '%s' '{said}'; }}"
        assert ended(["bash"], masked_command(program, line)) == (0, "", "", "")


def test_without_a_place_for_a_file_it_still_runs(program: str) -> None:
    line = masked_command(program, "echo here; cd a; exit 3")
    env = {"PATH": "/usr/bin:/bin", "TMPDIR": "/nowhere"}
    done = subprocess.run(["bash", "-c", line], env=env, cwd="/", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (3, b"here\n")
