"""`tokenward scan --staged`, `--diff` and `--history`: which tokens count, and which places are reported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import TOKENWARD, Done, Shell, scanned
from git_tree import git, repository

ONE, TWO = tokens.github("one"), tokens.github("two")


def paths(report: dict[str, Any]) -> list[str]:
    return [finding["path"] for finding in report["findings"]]


def refused(done: Done) -> str:
    assert (done.code, done.out) == (2, b"")
    assert done.err.count("\n") == 1
    return done.err


def write(folder: Path, name: str, *values: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f'x = "{value}"\n' for value in values))


def commit(folder: Path, name: str = "", *values: str) -> str:
    """Write one file, commit everything and return the commit's hash."""
    if name:
        write(folder, name, *values)
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "--allow-empty", "-m", "change")
    return git(folder, "rev-parse", "HEAD").decode().strip()


@pytest.fixture
def shell(bare_shell: Shell) -> Shell:
    """A shell in a new repository."""
    repository(bare_shell.folder)
    return bare_shell


def test_before_the_first_commit_everything_staged_counts(shell: Shell) -> None:
    write(shell.folder, "a.py", ONE)
    git(shell.folder, "add", "a.py")
    write(shell.folder, "unstaged.py", TWO)
    assert paths(scanned(shell, "--staged", code=1)) == ["a.py"]


def test_a_token_that_was_committed_before_does_not_block_another_commit(shell: Shell) -> None:
    commit(shell.folder, "a.py", ONE)
    write(shell.folder, "a.py", "nothing", ONE)
    git(shell.folder, "add", "a.py")
    assert scanned(shell, "--staged", code=0)["summary"]["files"] == 1
    write(shell.folder, "a.py", "nothing", ONE, TWO)
    git(shell.folder, "add", "a.py")
    write(shell.folder, "a.py", "only the index counts")
    (found,) = scanned(shell, "--staged", code=1)["findings"]
    assert (found["path"], found["start"]) == ("a.py", {"line": 2, "character": 5})
    assert "commit" not in found


def test_a_renamed_file_brings_nothing_new_and_a_copy_does(shell: Shell) -> None:
    commit(shell.folder, "old.py", ONE, *"abcdefgh")
    git(shell.folder, "mv", "old.py", "new.py")
    scanned(shell, "--staged", code=0)
    scanned(shell, "--diff", "HEAD", code=0)
    commit(shell.folder)
    write(shell.folder, "copy.py", ONE, *"abcdefgh")
    git(shell.folder, "add", "--all")
    assert paths(scanned(shell, "--staged", code=1)) == ["copy.py"]


def test_what_the_other_side_of_a_merge_brought_does_not_block_the_merge(shell: Shell) -> None:
    folder = shell.folder
    commit(folder, "a.py", "base")
    git(folder, "checkout", "-q", "-b", "side")
    write(folder, "theirs.py", ONE)
    commit(folder, "a.py", "side")
    git(folder, "checkout", "-q", "main")
    commit(folder, "a.py", "main")
    git(folder, "merge", "-q", "side", ends_with=(1,))
    assert "a.py is in conflict" in str(scanned(shell, "--staged", code=0)["summary"]["left_out"])
    write(folder, "a.py", TWO)
    git(folder, "add", "a.py")
    assert paths(scanned(shell, "--staged", code=1)) == ["a.py"]
    commit(folder)
    history = scanned(shell, "--history", code=1)
    assert sorted(paths(history)) == ["a.py", "theirs.py"]


def test_a_hook_is_heard_as_to_which_index_is_committed(shell: Shell) -> None:
    """`git commit --all` uses an index of its own, which GIT_INDEX_FILE names for the hook."""
    commit(shell.folder, "a.py", "nothing")
    hook = shell.folder / ".git" / "hooks" / "pre-commit"
    hook.write_text(f'#!/bin/sh\nexec "{TOKENWARD}" scan --staged\n')
    hook.chmod(0o755)
    write(shell.folder, "a.py", ONE)
    environment = os.environ.copy()
    os.environ.update(shell.environment)
    try:
        git(shell.folder, "commit", "-q", "--all", "-m", "with a token", ends_with=(1,))
        write(shell.folder, "a.py", "none")
        git(shell.folder, "commit", "-q", "--all", "-m", "without")
    finally:
        os.environ.clear()
        os.environ.update(environment)


def test_from_a_folder_of_the_repository_all_of_it_is_scanned(shell: Shell) -> None:
    commit(shell.folder)
    write(shell.folder, "inner/a.py", ONE)
    write(shell.folder, "b.py", TWO)
    git(shell.folder, "add", "--all")
    inner = shell.at(shell.folder / "inner")
    for kind in (("--staged",), ("--diff", "HEAD")):
        assert paths(scanned(inner, *kind, code=1)) == [str(shell.folder / "b.py"), "a.py"]
        assert paths(scanned(inner, *kind, ".", code=1)) == ["a.py"]


@pytest.mark.parametrize("kind", [("--staged",), ("--history",), ("--diff", "HEAD~1")])
def test_paths_restrict_each_kind(shell: Shell, kind: tuple[str, ...]) -> None:
    folder = shell.folder
    commit(folder)
    write(folder, "in/a.py", ONE)
    write(folder, "out/a.py", TWO)
    git(folder, "add", "--all")
    if kind != ("--staged",):
        commit(folder)
    assert paths(scanned(shell, *kind, "in", code=1)) == ["in/a.py"]
    assert paths(scanned(shell.at(folder.parent), *kind, str(folder / "in"), code=1)) == ["acme-api/in/a.py"]
    assert "is not in the repository" in refused(shell("scan", *kind, "in", ".."))


def test_a_diff_is_of_the_working_tree_tracked_or_not(shell: Shell) -> None:
    commit(shell.folder, "a.py", ONE)
    write(shell.folder, "a.py", "nothing", ONE, TWO)
    write(shell.folder, "untracked.py", ONE)
    report = scanned(shell, "--diff", "HEAD", code=1)
    assert sorted((f["path"], f["start"]["line"]) for f in report["findings"]) == [
        ("a.py", 2),
        ("untracked.py", 0),
    ]
    assert scanned(shell, "--diff", "HEAD", code=1)["findings"] == report["findings"]


def test_a_diff_of_two_commits_leaves_the_working_tree_alone(shell: Shell) -> None:
    folder = shell.folder
    base = commit(folder, "a.py", "base")
    git(folder, "checkout", "-q", "-b", "side")
    commit(folder, "a.py", "base", ONE)
    git(folder, "checkout", "-q", "main")
    commit(folder, "b.py", TWO)
    write(folder, "untracked.py", TWO)
    assert paths(scanned(shell, "--diff", f"{base}..side", code=1)) == ["a.py"]
    assert paths(scanned(shell, "--diff", "side..", code=1)) == ["b.py"]
    assert paths(scanned(shell, "--diff", "main...side", code=1)) == ["a.py"]
    assert paths(scanned(shell, "--diff", "main..side", code=1)) == ["a.py"]
    scanned(shell, "--diff", "side...side", code=0)


def test_a_revision_that_is_none_is_refused_and_not_repeated(shell: Shell) -> None:
    commit(shell.folder)
    for revision in (ONE, f"HEAD..{ONE}", "--output=owned", "", ".."):
        done = shell("scan", f"--diff={revision}")
        if revision == "..":
            assert done.code == 0
            continue
        assert "revision" in refused(done)
        assert ONE not in done.err
    assert not (shell.folder / "owned").exists()


def test_the_history_says_each_token_once_with_its_first_commit(shell: Shell) -> None:
    folder = shell.folder
    commit(folder, "a.py", "nothing")
    first = commit(folder, "a.py", "nothing", ONE)
    commit(folder, "a.py", ONE, "moved up", ONE)
    commit(folder, "a.py", "gone")
    commit(folder, "a.py", "nothing", ONE)
    second = commit(folder, "copy.py", ONE)
    commit(folder, "a.py", "gone again")
    report = scanned(shell, "--history", code=1)
    assert [(f["path"], f["commit"], f["start"]["line"]) for f in report["findings"]] == [
        ("a.py", first, 1),
        ("copy.py", second, 0),
    ]
    assert report["summary"]["commits"] == 7


def test_the_history_is_of_all_references_and_of_a_detached_head(shell: Shell) -> None:
    folder = shell.folder
    commit(folder)
    for number, place in enumerate(["refs/tags/kept", "refs/notes/any", "refs/elsewhere/any"]):
        git(folder, "checkout", "-q", "--detach", "main")
        git(folder, "update-ref", place, commit(folder, f"{number}.py", ONE))
    git(folder, "checkout", "-q", "--detach", "main")
    commit(folder, "detached.py", ONE)
    assert sorted(paths(scanned(shell, "--history", code=1))) == ["0.py", "1.py", "2.py", "detached.py"]


def test_a_deleted_file_of_the_history_can_be_named(shell: Shell) -> None:
    commit(shell.folder, "gone/a.py", ONE)
    shell.folder.joinpath("gone/a.py").unlink()
    commit(shell.folder, "b.py", TWO)
    assert paths(scanned(shell, "--history", "gone", code=1)) == ["gone/a.py"]


def test_the_history_honours_what_the_working_tree_ignores_and_counts_it_once(shell: Shell) -> None:
    folder = shell.folder
    first = commit(folder, "a.py", ONE)
    commit(folder, "a.py", "moved", ONE)
    commit(folder, "allowed.py", f"{TWO} # gitleaks:allow")
    commit(folder, "allowed.py", "moved", f"{TWO} # gitleaks:allow")
    folder.joinpath(".gitleaksignore").write_text(f"{first}:a.py:github-pat:1\n")
    summary = scanned(shell, "--history", code=0)["summary"]
    assert summary["silenced"] == [
        {"source": ".gitleaksignore", "count": 1},
        {"source": "a comment", "count": 1},
    ]


def test_the_settings_of_the_user_and_of_the_workspace_exclude(shell: Shell) -> None:
    config = Path(shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('exclude = ["mine/"]\nmax-file-bytes = 5000\n')
    shell.folder.joinpath("tokenward.toml").write_text('exclude = ["theirs/"]\n')
    for name in ("mine/a.py", "theirs/a.py", "a.py"):
        write(shell.folder, name, ONE)
    write(shell.folder, "large.py", "x" * 5000, ONE)
    git(shell.folder, "add", "--all")
    for kind in ("--staged", "--history"):
        report = scanned(shell, kind, code=1)
        assert paths(report) == ["a.py"]
        left_out = " ".join(report["summary"]["left_out"])
        assert "excludes 1 file: theirs/a.py" in left_out
        assert "large.py is larger than the limit" in left_out
        commit(shell.folder)


def test_what_is_no_text_of_the_repository_is_left_and_said(shell: Shell, tmp_path: Path) -> None:
    folder = shell.folder
    inner = repository(tmp_path / "inner")
    commit(inner, "secret.py", ONE)
    git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    folder.joinpath("link").symlink_to(ONE)
    folder.joinpath("picture.bin").write_bytes(b"\0" + ONE.encode())
    folder.joinpath("cut.log").write_bytes(b"\0\0" + ONE.encode())
    folder.joinpath("big.psd").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    )
    everything = commit(folder)
    git(folder, "branch", "kept")
    empty = git(folder, "hash-object", "-w", "-t", "tree", "--stdin").decode().strip()
    base = git(folder, "commit-tree", "-m", "base", empty).decode().strip()
    git(folder, "reset", "-q", "--soft", base)
    for kind in (("--staged",), ("--history",), ("--diff", f"{base}..{everything}")):
        report = scanned(shell, *kind, code=1)
        assert paths(report) == ["cut.log"]
        left_out = " ".join(report["summary"]["left_out"])
        assert "sub is a submodule" in left_out
        assert "big.psd is stored in Git LFS" in left_out
    working = scanned(shell, "--diff", everything, code=0)
    assert "sub is a submodule" in " ".join(working["summary"]["left_out"])


@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_either_format_of_objects_is_read(bare_shell: Shell, format_: str) -> None:
    folder = repository(bare_shell.folder, f"--object-format={format_}")
    write(folder, "a.py", ONE)
    git(folder, "add", "--all")
    assert paths(scanned(bare_shell, "--staged", code=1)) == ["a.py"]
    first = commit(folder)
    (found,) = scanned(bare_shell, "--history", code=1)["findings"]
    assert found["commit"] == first
    scanned(bare_shell, "--diff", "HEAD", code=0)


def test_a_bare_repository_has_a_history_and_no_working_tree(shell: Shell, tmp_path: Path) -> None:
    first = commit(shell.folder, "in/a.py", ONE)
    git(shell.folder, "clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    bare = shell.at(tmp_path / "bare.git")
    for report in (
        scanned(bare, "--history", code=1),
        scanned(bare, "--history", "in", code=1),
    ):
        assert [(f["path"], f["commit"]) for f in report["findings"]] == [("in/a.py", first)]
    for kind in (("--staged",), ("--diff", "HEAD")):
        assert "has no working tree" in refused(bare("scan", *kind))


def test_a_shallow_clone_is_scanned_as_far_as_it_goes_and_says_so(shell: Shell, tmp_path: Path) -> None:
    commit(shell.folder, "a.py", ONE)
    shell.folder.joinpath("a.py").unlink()
    last = commit(shell.folder, "b.py", TWO)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{shell.folder}", "shallow")
    report = scanned(shell.at(tmp_path / "shallow"), "--history", code=1)
    assert [(f["path"], f["commit"]) for f in report["findings"]] == [("b.py", last)]
    assert "is a shallow clone" in " ".join(report["summary"]["left_out"])


def test_another_working_tree_of_the_repository_is_one_too(shell: Shell, tmp_path: Path) -> None:
    commit(shell.folder, "a.py", "nothing")
    git(shell.folder, "worktree", "add", "-q", str(tmp_path / "other"))
    other = shell.at(tmp_path / "other")
    write(other.folder, "b.py", ONE)
    git(other.folder, "add", "--all")
    assert paths(scanned(other, "--staged", code=1)) == ["b.py"]
    scanned(shell, "--staged", code=0)


def test_outside_a_repository_there_is_nothing_to_scan(bare_shell: Shell) -> None:
    for kind in (("--staged",), ("--history",), ("--diff", "HEAD")):
        assert "is not in a Git repository" in refused(bare_shell("scan", *kind))


def test_an_empty_repository_has_no_token(shell: Shell) -> None:
    for kind in ("--staged", "--history"):
        assert scanned(shell, kind, code=0)["findings"] == []


def test_a_damaged_repository_is_no_clean_one(shell: Shell) -> None:
    """Whichever object is damaged, the scan fails, because it cannot know what it missed."""
    folder = shell.folder
    commit(folder, "a.py", "nothing")
    commit(folder, "a.py", "nothing", "more")
    listing = git(folder, "rev-list", "--all", "--objects", "--no-object-names").decode().split()
    assert len(listing) == 6
    for name in listing:
        path = folder / ".git" / "objects" / name[:2] / name[2:]
        whole = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(whole[:4] + b"damaged" + whole[4:])
        assert "git fsck" in refused(shell("scan", "--history"))
        path.write_bytes(whole)
    scanned(shell, "--history", code=0)


def test_names_of_any_bytes_are_kept(shell: Shell) -> None:
    names = [
        "new\nline.py",
        "tab\t.py",
        "-rf",
        ":(glob)x",
        "*.py",
        'quote".py',
        "é.py",
        os.fsdecode(b"\xff.py"),
    ]
    for name in names:
        write(shell.folder, name, ONE)
    git(shell.folder, "add", "--all")
    assert sorted(paths(scanned(shell, "--staged", code=1))) == sorted(names)
    assert paths(scanned(shell, "--staged", "--", "*.py", code=1)) == ["*.py"]
    commit(shell.folder)
    assert sorted(paths(scanned(shell, "--history", code=1))) == sorted(names)
    scanned(shell, "--diff", "HEAD", code=0)


@pytest.mark.parametrize("format_", ["human", "sarif", "gitlab", "junit", "csv", "github"])
def test_every_format_names_the_commit_and_no_value(shell: Shell, format_: str) -> None:
    first = commit(shell.folder, "a.py", ONE)
    done = shell("scan", "--history", "--format", format_)
    assert done.code == 1
    assert first[:8] in done.text
    assert ONE not in done.text


@pytest.mark.parametrize(
    "options",
    [
        ("--staged", "--history"),
        ("--stdin", "--staged"),
        ("--diff", "HEAD", "--watch"),
        ("--watch", "--stdin"),
    ],
)
def test_kinds_of_scan_exclude_each_other(shell: Shell, options: tuple[str, ...]) -> None:
    assert "exclude each other" in refused(shell("scan", *options))


def test_without_git_the_sentence_says_so(shell: Shell) -> None:
    assert "git was not found on PATH" in refused(shell.having(PATH="/nowhere")("scan", "--staged"))


def test_a_folder_that_only_looks_like_a_repository_is_passed_by(shell: Shell) -> None:
    write(shell.folder, "inner/a.py", ONE)
    git(shell.folder, "add", "--all")
    shell.folder.joinpath("inner/.git").mkdir()
    inner = shell.at(shell.folder / "inner")
    assert paths(scanned(inner, "--staged", code=1)) == ["a.py"]


def test_a_hook_of_a_server_sees_what_is_being_pushed(shell: Shell, tmp_path: Path) -> None:
    """Pushed objects are quarantined until the hook accepts them."""
    server = repository(tmp_path / "server.git", "--bare")
    hook = server / "hooks" / "pre-receive"
    user = " ".join(f'"{name}={shell.environment[name]}"' for name in ("HOME", "XDG_CACHE_HOME"))
    hook.write_text(
        f'#!/bin/sh\nread -r old new ref\n[ "$old" = {"0" * 40} ] && exit 0\n'
        f'exec env {user} "{TOKENWARD}" scan --diff "$old..$new"\n'
    )
    hook.chmod(0o755)
    commit(shell.folder, "a.py", "nothing")
    git(shell.folder, "push", "-q", str(server), "main")
    commit(shell.folder, "a.py", ONE)
    git(shell.folder, "push", "-q", str(server), "main", ends_with=(1,))
    commit(shell.folder, "a.py", "revoked")
    git(shell.folder, "push", "-q", str(server), "main")


def test_a_link_that_is_named_is_followed_and_what_it_leads_to_is_new(shell: Shell, tmp_path: Path) -> None:
    commit(shell.folder)
    write(tmp_path, "elsewhere.py", ONE)
    shell.folder.joinpath("link.py").symlink_to(tmp_path / "elsewhere.py")
    scanned(shell, "--diff", "HEAD", code=0)
    assert paths(scanned(shell, "--diff", "HEAD", "link.py", code=1)) == [str(tmp_path / "elsewhere.py")]


def test_a_deleted_folder_is_no_repository(shell: Shell, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    script = shell.write_script(
        "run.sh", f'mkdir "{gone}"; cd "{gone}"; rmdir "{gone}"; "{TOKENWARD}" scan --staged\n'
    )
    with shell.terminal(command=("sh", str(script))) as terminal:
        assert terminal.end() == 2
        assert "The current folder no longer exists" in terminal.shown


@pytest.mark.parametrize("kind", [("--staged",), ("--history",)])
def test_a_path_that_is_nowhere_is_refused(shell: Shell, kind: tuple[str, ...]) -> None:
    commit(shell.folder, "a.py", ONE)
    assert "srcx does not exist and is not in any commit" in refused(shell("scan", *kind, "srcx"))


def test_a_renamed_file_of_a_partial_clone_is_no_failure(shell: Shell) -> None:
    """Similarity can only be judged from the contents, which are not there."""
    folder = shell.folder
    write(folder, "old.py", *map(str, range(50)))
    commit(folder)
    lost = git(folder, "rev-parse", "HEAD:old.py").decode().strip()
    git(folder, "mv", "old.py", "new.py")
    commit(folder, "new.py", *map(str, range(49)), ONE)
    with folder.joinpath(".git", "config").open("a") as config:
        config.write('[remote "origin"]\n    promisor = true\n    url = https://host.example.com/x\n')
    folder.joinpath(".git", "objects", lost[:2], lost[2:]).unlink()
    assert shell("scan", "--diff", "HEAD~1..HEAD").code == 1
