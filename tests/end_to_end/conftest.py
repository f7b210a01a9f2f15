"""The owner of a token, and a stranger's repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli_shell import Shell
from git_tree import repository
from hostile import REFERENCE, TOKEN


@pytest.fixture
def owner(unlocked: dict[str, str], folder: Path) -> Shell:
    """The workspace `acme-api` of a user who has stored a token in it."""
    shell = Shell(unlocked, folder)
    shell.put("GITHUB_TOKEN", TOKEN)
    return shell


@pytest.fixture
def clone(owner: Shell, tmp_path: Path) -> Shell:
    """A repository somewhere else, whose author knows what the workspace is called."""
    folder = repository(tmp_path / "elsewhere" / "acme-api")
    (folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    return owner.at(folder)
