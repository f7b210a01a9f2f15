"""The files that differ between two states of a Git repository, or in each commit of its history."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import IO

from tokenward.errors import GitFailed
from tokenward.fast_dataclasses import dataclass
from tokenward.sources.git.repository import GitRepository

SUBMODULE, LINK = "160000", "120000"
"""Modes of entries that are not files."""
CONFLICT = "U"
"""The status of a file with a conflict in the index."""

_RAW = ("-r", "--raw", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none")
# Beyond so many files, git detects only exact renames; the repository's own configuration may not raise the limit.
_LIKE, _EQUAL = ("--find-renames", "-l1000"), ("--find-renames=100%",)
_READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class GitChange:
    """A file that differs.

    Attributes:
        path: relative to the top of the repository, with `/`; undecodable bytes are lone surrogates.
        blob: the id of its new content.
        status: `A`, `M`, `R` …, as in `git diff --raw`.
        before: the ids of its old contents, one for each compared state in which it existed.
        commit: the hash of the commit that made the change, if any.
    """

    path: str
    mode: str
    blob: str
    status: str
    before: tuple[str, ...] = ()
    commit: str = ""
    old_path: str = ""


def staged(repository: GitRepository) -> list[GitChange]:
    """Return what a commit would change; for a merge, what differs from both sides."""
    head = _commit_or_none(repository, "HEAD") or repository.run_line("hash-object", "-t", "tree", "--stdin")
    changes = since(repository, head)
    merged = _commit_or_none(repository, "MERGE_HEAD") if repository.is_merging() else None
    if merged is None:
        return changes
    others = {change.path: change for change in since(repository, merged)}
    return [
        replace(change, before=change.before + others[change.path].before)
        for change in changes
        if change.path in others
    ]


def between(repository: GitRepository, revisions: str) -> list[GitChange]:
    """Return the differences between two commits: `A..B`, or `A...B` for the changes in B since they diverged.

    Raises:
        GitFailed: they are not commits, or have no common ancestor.
    """
    dots = "..." if "..." in revisions else ".."
    first, second = (commit_of(repository, name or "HEAD") for name in revisions.split(dots, 1))
    if dots == "...":
        common = repository.run("merge-base", first, second, may_fail=True)
        if common is None:
            raise GitFailed("The two revisions have no commit in common; name them with two dots.")
        first = common.decode().strip()
    return _changes(repository, "diff-tree", first, second)


def since(repository: GitRepository, commit: str) -> list[GitChange]:
    """Return what the index has changed since a commit or tree."""
    return _changes(repository, "diff-index", "--cached", commit)


def files_of(repository: GitRepository, commit: str) -> Iterator[GitChange]:
    """Yield every file in a commit."""
    listing = repository.run("ls-tree", "-r", "-z", "--full-tree", commit) or b""
    for row in listing.split(b"\0")[:-1]:
        facts, _, path = row.partition(b"\t")
        mode, _, blob = facts.decode().split(" ")
        yield GitChange(_text(path), mode, blob, "A", (blob,))


def is_known(repository: GitRepository, path: str) -> bool:
    """Return whether the index, or any commit, contains or contained a file or folder at a path."""
    listed = repository.run("ls-files", "-z", "--", path, may_fail=True)
    return bool(listed) or bool(repository.run("rev-list", "--all", "--max-count=1", "--", path))


def commit_of(repository: GitRepository, name: str) -> str:
    """Return the hash of the commit that a name refers to.

    Raises:
        GitFailed: it does not exist.
    """
    commit = _commit_or_none(repository, name)
    if commit is None:
        # The name is not repeated, because it may be anything that was pasted.
        raise GitFailed("There is no such revision here; name a commit, branch or tag that `git log` knows.")
    return commit


def history(repository: GitRepository) -> Iterator[GitChange]:
    """Yield each change in each commit reachable from any reference, parents before children.

    Of a merge, only the differences from all its parents count, because everything else came from one of them.

    Raises:
        GitFailed: the repository cannot be read to its end.
    """
    comparing = ("diff-tree", "--stdin", "--root", "-c", "--no-renames", *_RAW)
    with ExitStack() as stack:
        listing = stack.enter_context(
            repository.start_process(
                "rev-list", "--all", "--topo-order", "--reverse", stdin=subprocess.DEVNULL
            )
        )
        commits = _output(listing)
        changes = stack.enter_context(repository.start_process(*comparing, stdin=commits))
        # Our copy must be closed, or the first process would not notice that the second has ended.
        commits.close()
        yield from _parsed(_fields(_output(changes)))
        repository.require_success([listing, changes])


def is_cut_off(repository: GitRepository) -> bool:
    """Return whether the start of the history is missing, as in a shallow clone."""
    return repository.run_line("rev-parse", "--is-shallow-repository") == "true"


def _changes(repository: GitRepository, command: str, *states: str) -> list[GitChange]:
    # To compare two files, git needs their contents, and fails if it may not fetch them.
    renames = _EQUAL if repository.may_lack_contents() else _LIKE
    printed = repository.run(command, *_RAW, *renames, *states, "--") or b""
    return list(_parsed(iter(printed.split(b"\0")[:-1])))


def _commit_or_none(repository: GitRepository, name: str) -> str | None:
    command = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    found = repository.run(*command, may_fail=True)
    return None if found is None else found.decode().strip()


def _parsed(fields: Iterator[bytes]) -> Iterator[GitChange]:
    commit = ""
    for field in fields:
        if not field.startswith(b":"):
            commit = field.decode().strip()
            continue
        change = _change(field.decode(), fields, commit)
        if change.status == CONFLICT or change.blob.strip("0"):
            yield change


def _change(facts: str, fields: Iterator[bytes], commit: str) -> GitChange:
    """Parse a change from `:MODE MODE ID ID STATUS`; a merge has as many colons, modes and ids as parents."""
    parents = len(facts) - len(facts.lstrip(":"))
    words = facts[parents:].split(" ")
    modes, blobs, status = words[: parents + 1], words[parents + 1 : -1], words[-1]
    old_path = _text(next(fields, b""))
    path = _text(next(fields, b"")) if status[0] in "RC" else old_path
    before = tuple(
        blob
        for mode, blob in zip(modes[:-1], blobs[:-1], strict=True)
        if mode != SUBMODULE and blob.strip("0")
    )
    return GitChange(path, modes[-1], blobs[-1], status[0], before, commit, old_path)


def _fields(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the NUL-terminated fields of a stream."""
    rest = b""
    while chunk := stream.read(_READ_BYTES):
        # A field without a NUL is truncated; git then ends with an error.
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise TypeError("the process was started with a pipe")
    return process.stdout


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
