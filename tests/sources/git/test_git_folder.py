"""No content of a Git folder makes a scan hang."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_tree import git, repository
from tokenward.errors import GitFailed
from tokenward.sources.git.repository import open_repository, require_ordinary

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX pipes and links")
NAMES = ["HEAD", "config", "index", "commondir", "refs/heads/x", "objects/info/alternates", "objects/ab/cd"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_link", [False, True])
def test_a_pipe_in_a_git_folder_is_named_before_git_waits_for_it(
    tmp_path: Path, name: str, is_link: bool
) -> None:
    place = repository(tmp_path / "a") / ".git" / name
    place.unlink(missing_ok=True)
    place.parent.mkdir(exist_ok=True)
    if is_link:
        os.mkfifo(tmp_path / "pipe")
        place.symlink_to(tmp_path / "pipe")
    else:
        os.mkfifo(place)
    with pytest.raises(GitFailed, match="is not a regular file"):
        open_repository("git", tmp_path / "a", os.environ)


def test_a_pipe_in_the_git_folder_of_a_linked_working_tree_is_named_too(tmp_path: Path) -> None:
    top = repository(tmp_path / "a")
    git(top, "commit", "-q", "--allow-empty", "-m", "x")
    git(top, "worktree", "add", "-q", "../b")
    os.mkfifo(top / ".git" / "worktrees" / "b" / "MERGE_HEAD")
    with pytest.raises(GitFailed, match="MERGE_HEAD is not a regular file"):
        open_repository("git", tmp_path / "b", os.environ)


def test_an_ordinary_git_folder_is_none_to_wait_for(tmp_path: Path) -> None:
    top = repository(tmp_path / "a")
    (top / ".git" / "dangling").symlink_to("nowhere")
    require_ordinary(top / ".git")
    require_ordinary(top / "not there")


@pytest.mark.parametrize("name", ["a", "a\nb", "a\n", "true\ntrue"])
def test_a_repository_is_found_whatever_its_folder_is_called(tmp_path: Path, name: str) -> None:
    top = repository(tmp_path / name)
    opened = open_repository("git", top, os.environ)
    assert (opened.top, opened.run_line("rev-parse", "--absolute-git-dir")) == (top, str(top / ".git"))
    bare = repository(tmp_path / "bare" / name, "--bare")
    assert open_repository("git", bare, os.environ).top is None
