"""Changes in a repository, compared with what the test put into it."""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_tree import git, repository
from tokenward.errors import GitFailed
from tokenward.sources.git.changes import history, staged
from tokenward.sources.git.repository import GitRepository, UnreadBlob, open_blobs, open_repository

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names of any bytes")

PROGRAM = shutil.which("git") or "git"
names = st.binary(min_size=1, max_size=300).filter(
    lambda name: (
        b"\0" not in name and b"/" not in name and name not in {b".", b".."} and b"git" not in name.lower()
    )
)
trees = st.dictionaries(names, st.integers(0, 9), max_size=20)


def opened(folder: Path) -> GitRepository:
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return open_repository(PROGRAM, folder, {**os.environ, **alone})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes that have a name are of POSIX systems")
class TestAPipeThatNobodyWritesTo:
    def test_as_the_file_of_excludes_holds_no_scan_of_what_is_staged(self, tmp_path: Path) -> None:
        os.mkfifo(pipe := tmp_path / "pipe")
        folder = repository(tmp_path / "repository")
        put(folder, {b"a": 1})
        git(folder, "config", "core.excludesFile", str(pipe))
        assert [change.path for change in staged(opened(folder))] == ["a"]

    def test_as_an_ignore_file_holds_the_question_about_one_path_for_seconds_only(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = repository(tmp_path / "repository")
        os.mkfifo(folder / ".gitignore")
        monkeypatch.setattr("tokenward.sources.git.repository.OPENING_SECONDS", 2.0)
        with pytest.raises(GitFailed, match="did not answer within 2 seconds"):
            opened(folder).ignores("a")


@pytest.fixture(scope="module", params=["sha1", "sha256"])
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("tree"), f"--object-format={request.param}")


@functools.cache
def numbers(folder: Path) -> list[str]:
    """Write a content of each number to a repository, and return their ids."""
    given = [str(number).encode() for number in range(10)]
    return [git(folder, "hash-object", "-w", "--stdin", given=one).decode().strip() for one in given]


def put(folder: Path, files: dict[bytes, int]) -> dict[str, str]:
    """Put files into the index, each with a number as its content, and return the id of each content."""
    blobs = numbers(folder)
    git(folder, "read-tree", "--empty")
    rows = b"".join(b"100644 %s\t%s\0" % (blobs[number].encode(), name) for name, number in files.items())
    unguarded = ("-c", "core.protectNTFS=false", "-c", "core.protectHFS=false")
    git(folder, *unguarded, "update-index", "-z", "--index-info", given=rows)
    return {name.decode("utf-8", "surrogateescape"): blobs[number] for name, number in files.items()}


@settings(deadline=None, max_examples=15)
@given(before=trees, after=trees)
def test_every_new_content_is_a_change_whatever_its_name(
    tree: Path, before: dict[bytes, int], after: dict[bytes, int]
) -> None:
    old = put(tree, before)
    git(tree, "commit", "-q", "--allow-empty", "-m", "before")
    new = put(tree, after)
    changes = {change.path: change for change in staged(opened(tree))}
    assert {path: change.blob for path, change in changes.items() if change.status != "R"} == {
        path: blob for path, blob in new.items() if old.get(path) != blob and changes[path].status != "R"
    }
    for path, change in changes.items():
        assert change.before == ((old[change.old_path],) if change.old_path in old else ())
        assert change.blob == new[path]
    git(tree, "commit", "-q", "--allow-empty", "-m", "after")
    versions = {(change.path, change.blob) for change in history(opened(tree))}
    assert versions >= set(new.items()) | set(old.items())


def test_a_content_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    contents = [b"", b"\n", b"x" * 100, b"missing\n" * 10, b"y" * 5_000_000]
    ids = [git(folder, "hash-object", "-w", "--stdin", given=c).decode().strip() for c in contents]
    with open_blobs(opened(folder)) as blobs:
        for limit in (10_000_000, 100):
            for content, blob in zip(contents, ids, strict=True):
                expected = content if len(content) <= limit else UnreadBlob.TOO_LARGE
                assert blobs.read(blob, limit) == expected


@pytest.mark.parametrize("name", ["HEAD^{tree}", "0" * 40, "x", "--batch-all-objects", ""])
def test_what_is_no_content_is_an_error(tmp_path: Path, name: str) -> None:
    folder = repository(tmp_path)
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    with open_blobs(opened(folder)) as blobs, pytest.raises(GitFailed):
        blobs.read(name, 100)


def test_a_program_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="cannot be started"):
        open_repository(str(tmp_path / "absent"), tmp_path, {})
