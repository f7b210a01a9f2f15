"""The walk finds each file of the workspace once, and nothing makes it escape, hang or fail."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import git_tree
from tokenward.sources.candidate import Candidate, IgnoredPath, Trouble, status_of
from tokenward.sources.walk.git_index import LARGEST_IGNORE_FILE
from tokenward.sources.walk.selection import MOST_RULES, WalkChoice
from tokenward.sources.walk.walk import walk
from unprivileged import bound_by_permissions, place_of_somebody

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX links, modes and file kinds")


def walked(*roots: Path, choice: WalkChoice | None = None) -> list[Candidate | Trouble | IgnoredPath]:
    return list(walk(list(roots), choice or WalkChoice(), lambda: False))


def names(*roots: Path, choice: WalkChoice | None = None) -> list[str]:
    return sorted(item.name for item in walked(*roots, choice=choice) if isinstance(item, Candidate))


def sentences(*roots: Path, choice: WalkChoice | None = None) -> list[str]:
    return [item.sentence for item in walked(*roots, choice=choice) if isinstance(item, Trouble)]


def made(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(os.fsencode(path))
    return root


def test_each_file_comes_with_its_name_and_identity(tmp_path: Path) -> None:
    made(tmp_path, "src/a.py")
    [item] = walked(tmp_path)
    assert isinstance(item, Candidate)
    status = (tmp_path / "src" / "a.py").stat()
    assert item.path == tmp_path / "src" / "a.py"
    assert item.name == "src/a.py"
    assert item.identity[:3] == (status.st_dev, status.st_ino, len("src/a.py"))
    assert item.identity[3:] == (status.st_mtime_ns, status.st_ctime_ns, "src/a.py")


def test_without_states_files_are_the_same_and_few_are_asked_for_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, *(f"src/{number}.py" for number in range(20)))
    asked: list[str] = []
    monkeypatch.setattr(
        "tokenward.sources.walk.walk.status_of", lambda entry: asked.append(entry.name) or status_of(entry)
    )
    found = [
        [(one.path, one.weight, one.identity[:2]) for one in items if isinstance(one, Candidate)]
        for items in (walked(tmp_path), walked(tmp_path, choice=WalkChoice(needs_state=False)))
    ]
    assert found[0] == found[1]
    assert len(asked) == 20 + (20 if sys.platform == "win32" else 3)


def test_ignore_files_hold_beneath_their_folder_and_the_inner_one_wins(tmp_path: Path) -> None:
    made(tmp_path, "a.bin", "sub/a.bin", "sub/keep.bin", "sub/deep/x.txt", "x.txt")
    (git_tree.empty_repository(tmp_path) / ".gitignore").write_text("*.bin\n/x.txt\n")
    (tmp_path / "sub" / ".gitignore").write_text("!keep.bin\ndeep/\n")
    assert names(tmp_path) == [".gitignore", "sub/.gitignore", "sub/keep.bin"]


def test_nothing_in_an_ignored_folder_can_be_brought_back(tmp_path: Path) -> None:
    made(tmp_path, "off/a.txt", "off/.env", "off/deep/app.log")
    (git_tree.empty_repository(tmp_path) / ".gitignore").write_text("off/\n!off/a.txt\n")
    (tmp_path / "off" / ".gitignore").write_text("!*\n")
    assert names(tmp_path) == [".gitignore", "off/.env", "off/deep/app.log"]


def test_the_excludes_of_the_git_folder_hold(tmp_path: Path) -> None:
    made(git_tree.repository(tmp_path), "a.txt", "b.txt")
    (tmp_path / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("a.txt\n")
    assert names(tmp_path) == [".git/config", "b.txt"]


def test_a_tracked_file_is_found_whatever_is_ignored(tmp_path: Path) -> None:
    made(git_tree.repository(tmp_path), "sub/hidden.py", "sub/other.py")
    git_tree.git(tmp_path, "add", "sub/hidden.py")
    (tmp_path / ".gitignore").write_text("*\n")
    assert names(tmp_path) == [".git/config", "sub/hidden.py"]


def test_an_inner_repository_follows_its_own_rules_only(tmp_path: Path) -> None:
    made(git_tree.repository(tmp_path), "inner/a.bin", "inner/b.txt", "a.bin")
    git_tree.repository(tmp_path / "inner")
    (tmp_path / ".gitignore").write_text("*.bin\n")
    (tmp_path / "inner" / ".gitignore").write_text("*.txt\n")
    assert set(names(tmp_path)) - {".git/config", "inner/.git/config"} == {
        ".gitignore",
        "inner/.gitignore",
        "inner/a.bin",
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_git_would_add_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    tree = git_tree.repository(tmp_path_factory.mktemp("tree"))
    part = st.sampled_from(["a", "b", "c.x", "d.y"])
    paths = data.draw(st.lists(st.lists(part, min_size=1, max_size=4), min_size=1, max_size=12))
    for parts in paths:
        path = tree.joinpath(*parts)
        if not path.exists() and all(not folder.is_file() for folder in path.parents):
            made(tree, "/".join(parts))
    line = st.sampled_from(
        ["a", "b/", "*.x", "!*.x", "/a", "a/b", "**/c.x", "a/**", "!b", "*", "!*/", "!d.y"]
    )
    for folder in {tree, *(path.parent for path in tree.rglob("*") if ".git" not in path.parts)}:
        if data.draw(st.booleans()):
            (folder / ".gitignore").write_text("\n".join(data.draw(st.lists(line, max_size=4))))
    tracked = data.draw(st.booleans())
    if tracked:
        git_tree.git(tree, "add", "-f", "--", data.draw(st.sampled_from(sorted(names(tree)[1:]) or ["."])))
    listed = git_tree.git(tree, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    by_git = sorted({name.decode() for name in listed.split(b"\0") if name})
    assert [name for name in names(tree) if name != ".git/config"] == by_git


def test_outside_a_repository_nothing_is_ignored(tmp_path: Path) -> None:
    """In an unpacked archive every file counts, because Git would have brought no others."""
    made(tmp_path, "a.bin", "sub/b.bin")
    (tmp_path / ".gitignore").write_text("*\n")
    assert names(tmp_path) == [".gitignore", "a.bin", "sub/b.bin"]


def test_nothing_is_ignored_where_git_is_not_to_be_heeded(tmp_path: Path) -> None:
    made(git_tree.repository(tmp_path), "a.bin", "env/pyvenv.cfg", "env/b.bin", "env/node_modules/c.js")
    (tmp_path / ".gitignore").write_text("*\n")
    found = names(tmp_path, choice=WalkChoice(respects_gitignore=False))
    assert found == [".git/config", ".gitignore", "a.bin", "env/b.bin", "env/pyvenv.cfg"]


def committed(tree: Path) -> Path:
    """A repository that tracks one of the files it ignores."""
    made(git_tree.repository(tree), "sub/tracked.bin")
    (tree / ".gitignore").write_text("*.bin\n")
    git_tree.git(tree, "add", "--all", "--force")
    git_tree.git(tree, "commit", "--quiet", "--message", "one")
    return tree


def test_a_linked_working_tree_is_one_too(tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git_tree.git(committed(tmp_path / "main"), "worktree", "add", "--quiet", str(linked))
    made(linked, "sub/other.bin")
    assert names(linked) == [".git", ".gitignore", "sub/tracked.bin"]


def test_a_submodule_is_a_working_tree_too(tmp_path: Path) -> None:
    outer = git_tree.repository(tmp_path / "outer")
    allowed = ("-c", "protocol.file.allow=always")
    git_tree.git(outer, *allowed, "submodule", "--quiet", "add", str(committed(tmp_path / "inner")), "inner")
    made(outer, "inner/sub/other.bin")
    assert {"inner/sub/tracked.bin", "inner/sub/other.bin"} & {*names(outer)} == {"inner/sub/tracked.bin"}


def test_a_folder_of_a_working_tree_knows_what_git_tracks(tmp_path: Path) -> None:
    tree = committed(tmp_path / "tree")
    made(tree, "sub/other.bin", "sub/a.txt")
    (tree / "sub" / ".gitignore").write_text("*\n")
    assert names(tree / "sub") == ["tracked.bin"]


@pytest.mark.parametrize(
    "mark", ["gitdir: gone", "gitdir: //host.example.com/share", "nothing", "gitdir: a\0b", ""]
)
def test_what_leads_to_no_repository_hides_nothing(tmp_path: Path, mark: str) -> None:
    made(tmp_path, "a.bin")
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / ".git").write_text(mark)
    assert "a.bin" in names(tmp_path)


def test_outside_a_repository_an_environment_is_named(tmp_path: Path) -> None:
    made(tmp_path, "env/pyvenv.cfg", "env/a.py")
    [sentence] = sentences(tmp_path)
    assert "env is marked as containing installed packages" in sentence
    assert names(tmp_path / "env") == ["a.py", "pyvenv.cfg"]
    git_tree.empty_repository(tmp_path)
    assert sentences(tmp_path) == []


def test_what_the_user_excludes_is_left_out_silently(tmp_path: Path) -> None:
    made(tmp_path, "a.txt", "docs/b.txt", ".env", ".git/config")
    choice = WalkChoice(exclude=("docs/", ".env", ".git"))
    assert [item.name for item in walked(tmp_path, choice=choice)] == ["a.txt"]  # type: ignore[union-attr]


def test_what_the_workspace_excludes_is_left_out_and_named(tmp_path: Path) -> None:
    made(tmp_path, "a.txt", "docs/b.txt", ".env")
    items = walked(tmp_path, choice=WalkChoice(workspace_exclude=("docs/", ".env")))
    silenced = {item.name: item.path for item in items if isinstance(item, IgnoredPath)}
    assert silenced == {"docs/": tmp_path / "docs", ".env": tmp_path / ".env"}
    assert [item.name for item in items if isinstance(item, Candidate)] == ["a.txt"]


def test_what_the_user_includes_is_found_although_it_is_ignored(tmp_path: Path) -> None:
    made(tmp_path, "data/a.csv", "data/b.txt")
    (git_tree.empty_repository(tmp_path) / ".gitignore").write_text("data/\n")
    assert names(tmp_path, choice=WalkChoice(include=("*.csv",))) == [".gitignore", "data/a.csv"]


def test_a_workspace_in_another_is_walked_once(tmp_path: Path) -> None:
    made(tmp_path, "a.txt", "inner/b.txt", "inner/deep/c.txt")
    roots = [tmp_path, tmp_path / "inner", tmp_path / "inner" / "deep", tmp_path]
    items = [item for item in walked(*roots) if isinstance(item, Candidate)]
    assert sorted((item.root, item.name) for item in items) == [
        (str(tmp_path), "a.txt"),
        (str(tmp_path / "inner"), "b.txt"),
        (str(tmp_path / "inner" / "deep"), "c.txt"),
    ]


def test_folders_that_are_walked_on_their_own_are_left_out(tmp_path: Path) -> None:
    made(tmp_path, "a.txt", "inner/b.txt")
    assert names(tmp_path, choice=WalkChoice(apart=(tmp_path / "inner",))) == ["a.txt"]


@posix
def test_a_root_under_two_names_is_walked_once(tmp_path: Path) -> None:
    made(tmp_path, "real/a.txt", "real/in/b.txt")
    (tmp_path / "link").symlink_to("real")
    items = walked(tmp_path / "link", tmp_path / "real", tmp_path / "real" / "in")
    assert sorted(item.path for item in items) == [
        tmp_path / "link" / "a.txt",
        tmp_path / "real" / "in" / "b.txt",
    ]


def test_a_root_that_is_a_file_is_walked_whatever_is_ignored(tmp_path: Path) -> None:
    made(git_tree.empty_repository(tmp_path), "a.bin")
    (tmp_path / ".gitignore").write_text("*\n")
    [item] = walked(tmp_path / "a.bin")
    assert isinstance(item, Candidate)
    assert (item.path, item.name) == (tmp_path / "a.bin", "a.bin")
    assert len(names(tmp_path, tmp_path / ".gitignore")) == 1


def test_a_root_in_a_pruned_place_is_walked(tmp_path: Path) -> None:
    made(tmp_path, "node_modules/pkg/index.js", "env/pyvenv.cfg")
    assert names(tmp_path / "node_modules") == ["pkg/index.js"]
    assert names(tmp_path / "env") == ["pyvenv.cfg"]


def test_a_root_that_is_gone_is_named(tmp_path: Path) -> None:
    [sentence] = sentences(tmp_path / "gone")
    assert str(tmp_path / "gone") in sentence


@posix
@pytest.mark.parametrize("follow", [False, True])
def test_no_link_leads_out_of_the_workspace(tmp_path: Path, follow: bool) -> None:
    root = made(tmp_path / "root", "a.txt")
    made(tmp_path / "root-evil", "secret.txt")
    (root / "folder").symlink_to(tmp_path / "root-evil")
    (root / "file").symlink_to(tmp_path / "root-evil" / "secret.txt")
    (root / "up").symlink_to("..")
    (root / "broken").symlink_to("nowhere")
    choice = WalkChoice(follow_symlinks=follow)
    assert names(root, choice=choice) == ["a.txt"]
    assert len(sentences(root, choice=choice)) == (3 if follow else 0)


@posix
def test_ignore_files_that_are_links_are_not_read(tmp_path: Path) -> None:
    root = made(git_tree.repository(tmp_path / "root"), "a.txt", "sub/b.txt")
    made(tmp_path, "rules", "outside/exclude")
    (tmp_path / "rules").write_text("*\n")
    (tmp_path / "outside" / "exclude").write_text("*\n")
    (root / ".gitignore").symlink_to(tmp_path / "rules")
    for path in (root / ".git" / "info").glob("*"):
        path.unlink()
    (root / ".git" / "info").rmdir()
    (root / ".git" / "info").symlink_to(tmp_path / "outside")
    assert names(root) == [".git/config", "a.txt", "sub/b.txt"]


@posix
def test_followed_links_are_walked_once_and_never_round_and_round(tmp_path: Path) -> None:
    made(tmp_path, "src/a.txt", "off/b.txt", "off/node_modules/c.txt")
    (tmp_path / "src" / "loop").symlink_to("..")
    (tmp_path / "src" / "again").symlink_to("a.txt")
    (tmp_path / "me").symlink_to("me")
    (tmp_path / "pruned").symlink_to("off/node_modules")
    (tmp_path / "out").symlink_to("off")
    assert names(tmp_path, choice=WalkChoice(follow_symlinks=True)) == ["off/b.txt", "src/a.txt"]
    assert names(tmp_path, choice=WalkChoice(follow_symlinks=True, exclude=("off",))) == ["src/a.txt"]


@posix
def test_what_is_no_regular_file_is_named_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        # Its path may be a hundred characters long.
        before = Path.cwd()
        os.chdir(tmp_path)
        listening.bind("socket")
        os.chdir(before)
        found = sentences(tmp_path)
    os.mkfifo(tmp_path / ".gitignore")
    git_tree.empty_repository(tmp_path)
    assert len(found) == 2
    assert all("not a regular file" in sentence for sentence in found)
    assert len(sentences(tmp_path)) == 3


@posix
def test_a_folder_that_may_not_be_read_is_named() -> None:
    with place_of_somebody() as root:
        made(root, "shut/a.txt", "b.txt")
        (root / "shut").chmod(0)
        try:
            with bound_by_permissions():
                assert names(root) == ["b.txt"]
                [sentence] = sentences(root)
        finally:
            (root / "shut").chmod(0o700)
    assert f"{root / 'shut'} cannot be listed (Permission denied)" in sentence


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="its file systems take no such names")
def test_names_of_any_bytes_are_found_and_shown_in_one_line(tmp_path: Path) -> None:
    odd = os.fsdecode(b"a\xff\n\x1b[2J")
    made(tmp_path, f"{odd}/b.txt", "é/ü.txt")
    os.mkfifo(tmp_path / odd / odd)
    assert names(tmp_path) == sorted([f"{odd}/b.txt", "é/ü.txt"])
    [sentence] = sentences(tmp_path)
    assert sentence.isprintable()


@posix
def test_a_tree_deeper_than_any_path_may_be_is_named(tmp_path: Path) -> None:
    made(tmp_path, "a.txt")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=descriptor)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    assert names(tmp_path) == ["a.txt"]
    [sentence] = sentences(tmp_path)
    assert "cannot be listed" in sentence


def test_a_thousand_nested_folders_are_walked(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(700):
            Path("d").mkdir()
            os.chdir("d")
        Path("a.txt").write_text("x")
    finally:
        os.chdir(before)
    assert names(tmp_path) == ["d/" * 700 + "a.txt"]


@pytest.mark.parametrize("content", [b"#" * (LARGEST_IGNORE_FILE + 1), b"a\n" * 5_000])
def test_an_ignore_file_that_is_too_much_is_named_and_hides_nothing(tmp_path: Path, content: bytes) -> None:
    made(tmp_path, "a")
    (git_tree.empty_repository(tmp_path) / ".gitignore").write_bytes(content)
    assert names(tmp_path) == [".gitignore", "a"]
    [sentence] = sentences(tmp_path)
    assert ".gitignore cannot be used" in sentence


def test_many_ignore_files_cannot_make_the_walk_crawl(tmp_path: Path) -> None:
    each = 1_500
    git_tree.empty_repository(tmp_path)
    for number in range(MOST_RULES // each + 3):
        made(tmp_path, f"{number}/a")
        (tmp_path / str(number) / ".gitignore").write_text("a\n" + f"*x{number}y\n" * (each - 1))
    assert len(sentences(tmp_path)) >= 2
    assert "a" in {name.rpartition("/")[2] for name in names(tmp_path)}


def test_a_cancelled_walk_ends(tmp_path: Path) -> None:
    made(tmp_path, *(f"{number}/a.txt" for number in range(50)))
    left = iter([False] * 10)
    found = list(walk([tmp_path], WalkChoice(), lambda: next(left, True)))
    assert 0 < len(found) < 50


@pytest.mark.skipif(sys.platform == "win32", reason="an open folder cannot be removed there")
def test_what_vanishes_during_the_walk_is_no_trouble(tmp_path: Path) -> None:
    made(tmp_path, "a/1", "b/1", "c/1")
    items = walk([tmp_path], WalkChoice(), lambda: False)
    next(items)
    for name in "abc":
        (tmp_path / name / "1").unlink()
        (tmp_path / name).rmdir()
    assert list(items) == []
