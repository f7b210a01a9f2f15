"""Children that start together, and a folder that its user cannot write."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tokenward.custody.ledger.ledger import Ledger

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python code in a child, with `sys.argv[1:]`; no child outlives the test."""
    children: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


@pytest.fixture
def race(start: Start) -> Callable[..., list[str]]:
    """What each of several children printed, which ran the same code at the same time."""

    def race(count: int, code: str, *arguments: object) -> list[str]:
        # Each imports first and waits for the word, so that they meet in what is tested.
        code = f"import sys\nfrom pathlib import Path\nfolder = Path(sys.argv[1])\n{code}"
        children = [start(code, *arguments, number) for number in range(count)]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        outputs = [child.communicate(timeout=120)[0].strip() for child in children]
        assert [child.returncode for child in children] == [0] * count
        return outputs

    return race


@pytest.fixture
def read_only_home() -> Iterator[Path]:
    """A folder without write permission; root, whom none stops, becomes somebody else for the test."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        if os.geteuid() == 0:
            os.seteuid(65534)
            yield folder
            os.seteuid(0)
        else:
            yield folder
        folder.chmod(0o700)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Ledger:
    return Ledger(path)
