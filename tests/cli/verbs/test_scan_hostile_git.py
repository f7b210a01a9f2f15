"""A repository's configuration is untrusted: no scan runs a program that it names or follows a path in it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from git_tree import git, repository

KINDS = [
    ("--staged",),
    ("--history",),
    ("--diff", "HEAD"),
    ("--diff", "HEAD~1..HEAD"),
    ("--diff", "HEAD~1...HEAD"),
    (),
]
COMMANDS = (
    "rev-parse",
    "rev-list",
    "diff-index",
    "diff-tree",
    "ls-tree",
    "cat-file",
    "hash-object",
    "merge-base",
)


class Canary:
    """A program that leaves a trace when it is started, with any arguments."""

    def __init__(self, folder: Path) -> None:
        self._trace = folder / "started"
        self.program = folder / "canary"
        self.program.write_text(f'#!/bin/sh\necho "$0" "$@" >> "{self._trace}"\nexit 1\n')
        self.program.chmod(0o755)

    def sang(self) -> bool:
        """Return whether it was started since the last call."""
        has_trace = self._trace.exists()
        self._trace.unlink(missing_ok=True)
        return has_trace


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    place = tmp_path / "canary"
    place.mkdir()
    return Canary(place)


@pytest.fixture
def hostile(bare_shell: Shell, canary: Canary) -> Shell:
    """A shell in a repository whose every setting that can name a program names the canary."""
    folder = repository(bare_shell.folder)
    folder.joinpath("old.py").write_text(f'x = "{tokens.github()}"\n')
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "first")
    folder.joinpath("new.py").write_text(f'x = "{tokens.npm()}"\n')
    folder.joinpath(".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "second")
    folder.joinpath("new.py").write_text(f'y = "{tokens.npm(1)}"\n')
    git(folder, "add", "--all")
    hooks = folder / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout"):
        hooks.joinpath(name).symlink_to(canary.program)
    program = canary.program
    with folder.joinpath(".git", "config").open("a") as config:
        config.write(
            f"""
[core]
    fsmonitor = {program}
    hooksPath = {hooks}
    pager = {program}
    editor = {program}
    sshCommand = {program}
    gitProxy = {program}
    askPass = {program}
    alternateRefsCommand = {program}
[diff]
    external = {program}
    orderFile = /dev/null
[diff "evil"]
    command = {program}
    textconv = {program}
[filter "evil"]
    clean = {program}
    smudge = {program}
    process = {program}
    required = true
[merge "evil"]
    driver = {program}
[gpg]
    program = {program}
[log]
    showSignature = true
[credential]
    helper = {program}
[pager]
"""
            + "".join(f"    {name} = {program}\n" for name in COMMANDS)
            + "[alias]\n"
            + "".join(f"    {name} = !{program}\n" for name in COMMANDS)
        )
    return bare_shell


def test_git_itself_starts_what_the_configuration_names(hostile: Shell, canary: Canary) -> None:
    """Otherwise the tests below would pass for any scan."""
    for command in (("status",), ("diff", "HEAD"), ("log", "-p", "--textconv")):
        git(hostile.folder, *command, ends_with=(0, 1, 128))
        assert canary.sang()


@pytest.mark.parametrize("kind", KINDS)
def test_no_scan_starts_what_the_configuration_names(
    hostile: Shell, canary: Canary, kind: tuple[str, ...]
) -> None:
    done = hostile("scan", *kind)
    assert done.code == 1
    assert re.sub("^Next: tokenward move .*\n", "", done.err) == ""
    assert not canary.sang()


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_no_scan_fetches_what_a_partial_clone_lacks(
    hostile: Shell, canary: Canary, kind: tuple[str, ...]
) -> None:
    """Fetching would start the program that the configuration names for it."""
    folder = hostile.folder
    with folder.joinpath(".git", "config").open("a") as config:
        config.write(
            "[extensions]\n    partialClone = evil\n[core]\n    repositoryFormatVersion = 1\n"
            '[remote "evil"]\n    promisor = true\n    url = ssh://nowhere.invalid/x\n'
            f"    uploadpack = {canary.program}\n"
            '[protocol "ssh"]\n    allow = always\n[protocol]\n    allow = always\n'
        )
    lost = git(folder, "rev-parse", "HEAD:new.py", "HEAD~1:old.py").decode().split()
    for blob in lost:
        folder.joinpath(".git", "objects", blob[:2], blob[2:]).unlink()
    git(folder, "cat-file", "-p", lost[0], ends_with=(128,))
    assert canary.sang()
    done = hostile("scan", *kind)
    assert done.code in (0, 1), done.err
    assert not canary.sang()
    if kind == ("--history",):
        assert "new.py and old.py are not in this partial clone" in done.text


@pytest.mark.parametrize("name", ["git", "git.exe", "git.bat"])
def test_no_git_of_the_repository_is_started(hostile: Shell, canary: Canary, name: str) -> None:
    hostile.folder.joinpath(name).symlink_to(canary.program)
    path = f".:{os.pathsep}{hostile.environment['PATH']}"
    assert hostile("scan", "--staged", PATH=path).code == 1
    assert not canary.sang()


def test_a_working_tree_that_the_configuration_puts_elsewhere_is_not_scanned(
    hostile: Shell, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    elsewhere.joinpath("private.py").write_text(f'x = "{tokens.stripe()}"\n')
    git(hostile.folder, "config", "core.worktree", str(elsewhere))
    for kind in KINDS:
        done = hostile("scan", *kind, "--format", "json")
        assert done.code == 1, done.err
        assert not any("private" in found["path"] for found in json.loads(done.text)["findings"])


def test_neither_replaced_objects_nor_false_parents_hide_a_commit(hostile: Shell) -> None:
    folder = hostile.folder
    first, second, blob = git(folder, "rev-parse", "HEAD~1", "HEAD", "HEAD~1:old.py").decode().split()
    harmless = git(folder, "hash-object", "-w", "--no-filters", "--stdin", given=b"nothing").decode().strip()
    replaced = folder / ".git" / "refs" / "replace"
    replaced.mkdir()
    replaced.joinpath(blob).write_text(f"{harmless}\n")
    folder.joinpath(".git", "info", "grafts").write_text(f"{second}\n")
    assert git(folder, "cat-file", "-p", blob) == b"nothing"
    assert git(folder, "rev-list", "HEAD").decode().split() == [second]
    done = hostile("scan", "--history", "--format", "json")
    found = {finding["path"]: finding["commit"] for finding in json.loads(done.text)["findings"]}
    assert found == {"old.py": first, "new.py": second}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_repository_of_another_user_is_refused_with_the_remedy(hostile: Shell, canary: Canary) -> None:
    for path in (hostile.folder, hostile.folder / ".git"):
        os.chown(path, 12345, 12345)
    for kind in KINDS[:-1]:
        done = hostile("scan", *kind)
        assert done.code == 2
        assert "`safe.directory`" in done.err
    assert not canary.sang()


def test_no_failure_repeats_what_the_repository_says(hostile: Shell) -> None:
    """Git's own message quotes the line that it cannot read."""
    with hostile.folder.joinpath(".git", "config").open("a") as config:
        config.write(f"[core]\n    bare = {tokens.github()}\n")
    for kind in KINDS[:-1]:
        done = hostile("scan", *kind)
        assert done.code == 2
        assert tokens.github() not in done.err + done.text
        assert done.err.count("\n") == 1
