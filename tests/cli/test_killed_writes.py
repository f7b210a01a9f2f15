"""A command killed during a write leaves no value that Git adds, and the next command cleans up."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import git_tree
import tokens
from cli_shell import Shell

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX's")

TOKEN = tokens.github("killed writes")
STOPPER = """
import os, signal, sys
left = int(os.environ.get("STOP_AT", "0"))
def hook(event, args):
    global left
    if event == "open" and os.path.basename(str(args[0])) == "content" and ".tokenward-" in str(args[0]):
        if "/writes/" not in str(args[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
if left:
    sys.addaudithook(hook)
"""


@pytest.fixture
def repository(shell: Shell) -> Shell:
    """A workspace whose Git-ignored `.env` has one moved token and another one."""
    git_tree.repository(shell.folder)
    shell.folder.joinpath(".gitignore").write_text("/.env\n")
    shell.write_env(f"GITHUB_TOKEN={TOKEN}", f"OTHER_TOKEN={tokens.npm()}")
    assert shell("move", ".env:1").code == 0
    return shell


@pytest.mark.parametrize("reached", [2, 3])
@pytest.mark.parametrize(
    "command", [("restore", ".env"), ("rename", "GITHUB_TOKEN", "RENAMED")], ids=["restore", "rename"]
)
def test_the_next_command_removes_what_was_left(
    repository: Shell, tmp_path: Path, command: tuple[str, ...], reached: int
) -> None:
    """Killed while the new content is written, and again after the exchange with the old one."""
    stopper = tmp_path / "stopper"
    stopper.mkdir()
    stopper.joinpath("sitecustomize.py").write_text(STOPPER)
    before = sorted(repository.folder.iterdir())
    killed = repository.having(PYTHONPATH=str(stopper), STOP_AT=str(reached))
    assert killed(*command).code == -signal.SIGKILL
    (left,) = repository.folder.glob(".tokenward-*.tmp")
    assert tokens.npm() in (left / "content").read_text()
    git_tree.git(repository.folder, "add", "--all")
    assert git_tree.git(repository.folder, "ls-files") == b".gitignore\n"
    assert repository("list").code == 0
    assert sorted(repository.folder.iterdir()) == before
