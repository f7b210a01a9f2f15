"""A Git worktree of a bound repository belongs to it; a folder that only claims to be one does not."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from git_tree import git, repository
from tokenward.custody.bindings.bindings import Bindings, main_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import WorkspaceElsewhere
from tokenward.model import Reference

posix = pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
REFERENCE = Reference("acme", "GITHUB_TOKEN")


@pytest.fixture
def bindings(tmp_path: Path) -> Bindings:
    return Bindings(tmp_path / "data" / "custody.db", Ledger(tmp_path / "data" / "ledger.db"))


@pytest.fixture
def main(tmp_path: Path) -> Path:
    main = repository(tmp_path / "acme")
    git(main, "commit", "-q", "--allow-empty", "-m", "first")
    return main.resolve()


@pytest.fixture
def bound(bindings: Bindings, main: Path) -> Path:
    """The main folder of a repository, with the name `acme`."""
    bindings.claim(main, "acme")
    return main


def add_worktree(main: Path, folder: Path) -> Path:
    git(main, "worktree", "add", "-q", str(folder))
    return folder.resolve()


def point(folder: Path, to: Path | str) -> Path:
    """Create a folder that claims to be a worktree."""
    folder.mkdir(exist_ok=True)
    (folder / ".git").write_text(f"gitdir: {to}\n")
    return folder.resolve()


def assert_gets_nothing(bindings: Bindings, folder: Path) -> None:
    with pytest.raises(WorkspaceElsewhere):
        bindings.check(REFERENCE, folder)
    assert bindings.name_of(folder) is None
    assert bindings.enclosing(folder / "src") is None
    assert main_of(folder) is None


def assert_belongs(bindings: Bindings, folder: Path) -> None:
    bindings.check(REFERENCE, folder)
    assert bindings.name_of(folder) == "acme"
    assert bindings.claim(folder, "other") == "acme"
    found = bindings.enclosing(folder / "src" / "app.py")
    assert found is not None
    assert (found.name, found.folder) == ("acme", folder)
    assert bindings.workspace_root(folder / "src") == folder


@pytest.mark.parametrize("place", ["feature", "acme/.worktrees/feature", "elsewhere/deep/feature"])
def test_a_worktree_has_the_name_of_its_repository_and_files_of_its_own(
    bindings: Bindings, bound: Path, tmp_path: Path, place: str
) -> None:
    worktree = add_worktree(bound, tmp_path / place)
    assert main_of(worktree) == bound
    assert_belongs(bindings, worktree)
    assert bindings.folder_of("acme") == bound


def test_a_worktree_can_be_moved_by_git_and_its_repository_by_hand(
    bindings: Bindings, bound: Path, tmp_path: Path
) -> None:
    add_worktree(bound, tmp_path / "feature")
    git(bound, "worktree", "move", str(tmp_path / "feature"), str(tmp_path / "moved"))
    assert_belongs(bindings, (tmp_path / "moved").resolve())
    bound.rename(tmp_path / "renamed")
    assert_gets_nothing(bindings, (tmp_path / "moved").resolve())
    later = add_worktree(tmp_path / "renamed", tmp_path / "later")
    bindings.check(REFERENCE, later)
    assert bindings.folder_of("acme") == bound


def test_paths_may_be_relative(bindings: Bindings, bound: Path, tmp_path: Path) -> None:
    """As git writes them when `worktree.useRelativePaths` is set."""
    worktree = add_worktree(bound, tmp_path / "feature")
    admin = bound / ".git" / "worktrees" / "feature"
    (admin / "gitdir").write_text("../../../../feature/.git\n")
    point(worktree, "../acme/.git/worktrees/feature")
    assert_belongs(bindings, worktree)


def test_a_worktree_that_is_itself_bound_has_its_own_name_first(
    bindings: Bindings, bound: Path, tmp_path: Path
) -> None:
    worktree = add_worktree(bound, tmp_path / "feature")
    bindings.bind("own", worktree)
    assert bindings.name_of(worktree) == "own"
    bindings.check(REFERENCE, worktree)
    bindings.check(Reference("own", "X"), worktree)
    with pytest.raises(WorkspaceElsewhere):
        bindings.check(Reference("own", "X"), bound)


def test_a_worktree_of_a_repository_without_a_name_has_none(
    bindings: Bindings, main: Path, tmp_path: Path
) -> None:
    worktree = add_worktree(main, tmp_path / "feature")
    assert bindings.name_of(worktree) is None
    assert bindings.claim(worktree, "feature") == "feature"
    assert bindings.name_of(main) is None


def test_clones_and_submodules_are_folders_of_their_own(
    bindings: Bindings, bound: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", str(bound), str(tmp_path / "clone"))
    allowed = ("-c", "protocol.file.allow=always")
    git(bound, *allowed, "submodule", "--quiet", "add", str(tmp_path / "clone"), "module")
    for folder in (tmp_path / "clone", bound / "module"):
        assert (folder / ".git").exists()
        assert_gets_nothing(bindings, folder.resolve())


def test_a_folder_that_points_at_the_worktrees_of_another_gets_nothing(
    bindings: Bindings, bound: Path, tmp_path: Path
) -> None:
    add_worktree(bound, tmp_path / "feature")
    git_folder = bound / ".git"
    for target in (
        git_folder / "worktrees" / "feature",
        git_folder / "worktrees" / "none",
        git_folder / "worktrees",
        git_folder,
        "../acme/.git/worktrees/feature",
        tmp_path / "feature" / ".git",
    ):
        assert_gets_nothing(bindings, point(tmp_path / "hostile", target))


def test_git_may_be_made_to_say_the_same_and_it_gets_nothing(
    bindings: Bindings, bound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`git worktree repair` in the hostile folder rewrites the repository's side, but cannot backdate it."""
    monkeypatch.setattr("tokenward.custody.bindings.bindings.TOGETHER", 0.2)
    add_worktree(bound, tmp_path / "feature")
    time.sleep(0.3)
    hostile = point(tmp_path / "hostile", "../acme/.git/worktrees/feature")
    git(hostile, "worktree", "repair", ends_with=(0, 1))
    assert str(hostile) in (bound / ".git" / "worktrees" / "feature" / "gitdir").read_text()
    assert_gets_nothing(bindings, hostile)
    os.utime(hostile / ".git", (0, (bound / ".git" / "worktrees" / "feature" / "commondir").stat().st_mtime))
    assert_gets_nothing(bindings, hostile)


def test_what_takes_the_place_of_a_deleted_worktree_gets_nothing(
    bindings: Bindings, bound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenward.custody.bindings.bindings.TOGETHER", 0.2)
    worktree = add_worktree(bound, tmp_path / "feature")
    pointer = (worktree / ".git").read_text()
    shutil.rmtree(worktree)
    time.sleep(0.3)
    assert_gets_nothing(bindings, point(worktree, pointer.removeprefix("gitdir: ").strip()))


def test_a_repository_that_names_another_as_its_common_one_gets_nothing(
    bindings: Bindings, bound: Path, tmp_path: Path
) -> None:
    """All of it belongs to the attacker, except the folder that it names as its common one."""
    evil = repository(tmp_path / "evil")
    git(evil, "commit", "-q", "--allow-empty", "-m", "first")
    worktree = add_worktree(evil, tmp_path / "feature")
    assert main_of(worktree) == evil.resolve()
    admin = evil / ".git" / "worktrees" / "feature"
    for common in (bound / ".git", "../../../../acme/.git"):
        (admin / "commondir").write_text(f"{common}\n")
        assert_gets_nothing(bindings, worktree)


@posix
def test_links_between_repositories_lead_to_no_name(bindings: Bindings, bound: Path, tmp_path: Path) -> None:
    worktree = add_worktree(bound, tmp_path / "feature")
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    (hostile / ".git").symlink_to(worktree / ".git")
    assert_gets_nothing(bindings, hostile.resolve())
    (hostile / ".git").unlink()
    (hostile / "git").symlink_to(bound / ".git")
    assert_gets_nothing(bindings, point(hostile, hostile / "git" / "worktrees" / "feature"))


@posix
def test_a_file_that_is_none_of_gits_is_not_waited_for(
    bindings: Bindings, bound: Path, tmp_path: Path
) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    os.mkfifo(hostile / ".git")
    assert_gets_nothing(bindings, hostile.resolve())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"gitdir:",
        b"gitdir: ",
        b"gitdir: \0",
        b"\xff" * 100,
        b"gitdir: " + b"a/" * 50_000,
        b"gitdir: .git",
    ],
)
def test_a_file_of_anything_else_is_no_pointer(
    bindings: Bindings, bound: Path, tmp_path: Path, content: bytes
) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    (hostile / ".git").write_bytes(content)
    assert_gets_nothing(bindings, hostile.resolve())


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files to another user")
def test_a_worktree_whose_files_are_a_strangers_gets_nothing(
    bindings: Bindings, bound: Path, tmp_path: Path
) -> None:
    worktree = add_worktree(bound, tmp_path / "feature")
    os.chown(worktree / ".git", 65534, 65534)
    assert_gets_nothing(bindings, worktree)
