"""A workspace with a token, for tools that ask a credential helper."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli_shell import TOKENWARD, Shell
from git_tree import repository
from hostile import TOKEN


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests start a real keyring."""
    if os.name == "nt":
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="needs gnome-keyring"))


@pytest.fixture
def owner(unlocked: dict[str, str], folder: Path) -> Shell:
    """The workspace `acme-api` with the token `GITHUB_TOKEN`; tools find Tokenward's programs on PATH."""
    path = f"{Path(TOKENWARD).parent}{os.pathsep}{unlocked.get('PATH', os.defpath)}"
    shell = Shell({**unlocked, "PATH": path}, repository(folder))
    shell.put("GITHUB_TOKEN", TOKEN)
    return shell


@pytest.fixture
def clone(owner: Shell, tmp_path: Path) -> Shell:
    """A folder of the same name somewhere else."""
    return owner.at(repository(tmp_path / "elsewhere" / "acme-api"))
