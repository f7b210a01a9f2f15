"""Tests of what Windows does otherwise; they run on Windows, and on Linux under Wine, by `test_under_wine.py`."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from windows_shell import Shell, remove_credentials

DRIVER = "test_under_wine.py"
# Each kind of system collects its own part: the others' modules are not importable there.
_HERE = {path.name for path in Path(__file__).parent.glob("test_*.py")}
collect_ignore = sorted({DRIVER} if os.name == "nt" else _HERE - {DRIVER})

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of one user, whose entries leave the Credential Manager at the end."""
    yield tmp_path_factory.mktemp("home")
    remove_credentials()


@pytest.fixture
def shell(home: Path, tmp_path: Path) -> Shell:
    """A workspace with a name of its own."""
    folder = tmp_path / f"acme-{os.getpid()}-{next(_numbers)}"
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if "TOKENWARD" not in name.upper()}
    return Shell({**kept, "WIN_PD_OVERRIDE_LOCAL_APPDATA": str(home)}, folder)
