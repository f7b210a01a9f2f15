"""Our reader of a Git index finds the same tracked files as Git."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import git_tree
from tokenward.sources.walk.git_index import GitIndex, tracked_names

NAMES = [
    "a.txt",
    "dir/b.txt",
    "dir/deep/é.txt",
    "dir.txt",
    "x" * 200,
    "long/" + "y" * 100 + "/" + "z" * 150,
    "with\nbreak",
]


def filled(folder: Path, *arguments: str) -> Path:
    git_tree.repository(folder, *arguments)
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    git_tree.git(folder, "add", "-A")
    return folder


@pytest.mark.parametrize("version", ["2", "4"])
@pytest.mark.parametrize("hashing", ["sha1", "sha256"])
def test_every_kind_of_index_is_read(tmp_path: Path, version: str, hashing: str) -> None:
    tree = filled(tmp_path / "tree", f"--object-format={hashing}")
    git_tree.git(tree, "update-index", "--index-version", version)
    listed = git_tree.git(tree, "ls-files", "-z").split(b"\0")[:-1]
    assert len(listed) == len(NAMES)
    assert tracked_names((tree / ".git" / "index").read_bytes()) == listed


def test_an_index_with_extended_entries_is_read(tmp_path: Path) -> None:
    tree = git_tree.repository(tmp_path / "tree")
    (tree / "a").write_text("a")
    (tree / "b").write_text("b")
    git_tree.git(tree, "add", "--intent-to-add", "a")
    git_tree.git(tree, "add", "b")
    assert tracked_names((tree / ".git" / "index").read_bytes()) == [b"a", b"b"]


def test_files_and_folders_are_told_from_their_likes(tmp_path: Path) -> None:
    tree = filled(tmp_path / "tree")
    repository = GitIndex(tree / ".git" / "index", prefix=len("tree/"))
    assert repository.tracks("tree/dir/b.txt")
    assert not repository.tracks("tree/dir/b")
    assert not repository.tracks("tree/dir")
    assert repository.tracks_beneath("tree/dir/")
    assert repository.tracks_beneath("tree/dir/deep/")
    assert not repository.tracks_beneath("tree/di/")
    assert not repository.tracks_beneath("tree/zzz/")


def test_without_an_index_nothing_is_tracked(tmp_path: Path) -> None:
    repository = GitIndex(git_tree.repository(tmp_path / "tree") / ".git" / "index")
    assert not repository.tracks("a")
    assert not repository.tracks_beneath("a/")


def test_what_stands_elsewhere_too_may_all_be_tracked(tmp_path: Path) -> None:
    tree = filled(tmp_path / "tree")
    git_tree.git(tree, "update-index", "--split-index")
    repository = GitIndex(tree / ".git" / "index")
    assert repository.tracks("anything")
    assert repository.tracks_beneath("anything/")


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"DIRC\0\0\0\2\0\0\0\1", b"DIRC\0\0\0\4\xff\xff\xff\xff"])
)
def test_whatever_stands_in_an_index_an_answer_comes(content: bytes, head: bytes) -> None:
    names = tracked_names(head + content)
    assert names is None or all(names)


@given(st.data())
def test_a_damaged_index_is_not_taken_for_another(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    if not INDEX:
        INDEX.append((filled(tmp_path_factory.mktemp("tree")) / ".git" / "index").read_bytes())
    cut = data.draw(st.integers(0, len(INDEX[0]) - 1))
    assert tracked_names(INDEX[0][:cut]) is None


INDEX: list[bytes] = []
