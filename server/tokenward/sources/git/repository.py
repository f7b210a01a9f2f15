"""Reads a Git repository with git itself, started so that it runs nothing that the repository names.

The configuration may be a stranger's, and can name programs for nearly everything that git does. So only commands
that compare trees and print objects as stored are used, which start neither filters nor diff drivers; everything
else that could start a program, or reach another machine, is turned off.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from enum import Enum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

from tokenward.errors import GitFailed
from tokenward.fast_dataclasses import dataclass
from tokenward.places import shown

OPENING_SECONDS, ANSWER_SECONDS = 20.0, 300.0
"""Time limits: to find a repository or check a path, and to read a repository of a million commits."""
_SAFE = (
    *("--no-pager", "--no-optional-locks", "--no-replace-objects"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "log.showSignature=false"),
    # Such a file can replace the parents of commits, and so hide history.
    *("-c", "core.commitGraph=false"),
    *("-c", "protocol.allow=never"),
)
# Even comparing trees opens the excludes file, which may be a pipe.
_OPTIONS = (*_SAFE, "--literal-pathspecs", "-c", "core.excludesFile=")
_OFF = {
    # Missing objects of a partial clone are not fetched, because fetching runs programs from its configuration.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    # A list of false parents would hide history.
    "GIT_GRAFT_FILE": os.devnull,
    # Failures are recognised by their English messages.
    "LC_ALL": "C",
}
_QUESTIONS = (
    ("--absolute-git-dir",),
    ("--git-path", "index"),
    ("--git-common-dir",),
    ("--is-bare-repository",),
)
_LOCATIONS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE")
_KEPT_VARIABLES = (
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH"),
    *("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
)
"""Variables that say where the objects are, as in Git's hooks, and how far to search for a repository."""
_OWN_CONFIGURATION = "GIT_CONFIG"
"""The prefix of variables with the user's configuration, which may name trusted repositories."""
_LFS = b"version https://git-lfs.github.com/spec/"
_SKIPPED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A repository that git was able to open.

    Attributes:
        top: the folder of the working tree, with all links followed; None without one.
    """

    program: str
    top: Path | None
    _git_folder: str
    _environment: Mapping[str, str] = field(repr=False)

    def run(self, *arguments: str, may_fail: bool = False) -> bytes | None:
        """Run git and return its output; None if it fails and the caller allows that.

        Raises:
            GitFailed: it failed unexpectedly.
        """
        done = _run(self._command(arguments), self.folder, self._environment, ANSWER_SECONDS)
        if done.returncode == 0:
            return done.stdout
        if may_fail:
            return None
        raise _failure(self.folder, done.stderr)

    def ignores(self, path: str) -> bool:
        """Return whether Git ignores an untracked path."""
        # It takes paths literally but refuses the option for that; `./` keeps a leading `:` from being special.
        command = self._command(["check-ignore", "--quiet", "--", f"./{path}"], _SAFE)
        return _run(command, self.folder, self._environment, OPENING_SECONDS).returncode == 0

    def run_line(self, *arguments: str) -> str:
        """Run git and return the line that it prints.

        Raises:
            GitFailed: it failed.
        """
        return os.fsdecode(self.run(*arguments) or b"").removesuffix("\n")

    def is_merging(self) -> bool:
        """Return whether the next commit may be that of a merge."""
        return os.path.lexists(os.path.join(self._git_folder, "MERGE_HEAD"))  # noqa: PTH118

    def may_lack_contents(self) -> bool:
        """Return whether this is a partial clone, in which contents may be missing."""
        arguments = r"^(extensions\.partialclone|remote\..*\.promisor)$"
        return self.run("config", "--get-regexp", arguments, may_fail=True) is not None

    @contextmanager
    def start_process(self, *arguments: str, stdin: IO[bytes] | int) -> Iterator[subprocess.Popen[bytes]]:
        """Run git during the block, and kill it if it is still running at the end."""
        process = subprocess.Popen(
            self._command(arguments),
            cwd=self.folder,
            env=dict(self._environment),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            for stream in filter(None, (process.stdin, process.stdout)):
                # The rest of the input no longer has a reader.
                with suppress(OSError):
                    stream.close()
            process.kill()
            process.wait()

    def require_success(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        """Check that git processes succeeded, after their output was read to its end.

        Raises:
            GitFailed: one of them failed.
        """
        codes = [process.wait() for process in processes]
        if any(codes):
            raise _failure(self.folder, b"")

    @property
    def folder(self) -> Path:
        """Return the folder that paths in the repository are relative to."""
        return self.top or Path(self._git_folder)

    def relative_path(self, path: Path) -> str | None:
        """Return a path relative to the repository, `.` for its top; None if it is outside."""
        # The last part may be a link in the repository.
        real = path.resolve() if path.is_dir() else path.parent.resolve() / path.name
        folder = self.folder.resolve()
        return real.relative_to(folder).as_posix() if real.is_relative_to(folder) else None

    def _command(self, arguments: Sequence[str], options: Sequence[str] = _OPTIONS) -> list[str]:
        # Passed explicitly, because the repository's own configuration may name a foreign working tree.
        tree = [f"--work-tree={self.top}"] if self.top else []
        return [self.program, f"--git-dir={self._git_folder}", *tree, *options, *arguments]


def open_repository(program: str, start: Path, environment: Mapping[str, str]) -> GitRepository:
    """Open the repository around a folder, or the one that a Git hook's environment names.

    Raises:
        GitFailed: it does not exist, or git refuses it.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        require_ordinary(folder / ".git")
    passed_on = {name: value for name, value in environment.items() if _is_kept(name)}
    ask = partial(_rev_parse, program, start, {**passed_on, **_OFF})
    answers = ask(*chain(*_QUESTIONS)).split("\n")
    if len(answers) != len(_QUESTIONS):
        # A name of a folder has a line break.
        answers = [ask(*question) for question in _QUESTIONS]
    git_folder, index, common, is_bare = answers
    require_ordinary(Path(git_folder))
    require_ordinary(Path(start, common))
    top = None if is_bare == "true" else _top(start, git_folder, environment)
    elsewhere = {name: value for name, value in passed_on.items() if name not in _LOCATIONS}
    own_index = {"GIT_INDEX_FILE": os.path.abspath(start / index)}  # noqa: PTH100 - no link is to be followed
    return GitRepository(program, top, git_folder, {**elsewhere, **_OFF, **own_index})


def names_repository(environment: Mapping[str, str]) -> bool:
    """Return whether the environment names a repository, as in a hook."""
    return any(environment.get(name) for name in _LOCATIONS)


def _is_kept(name: str) -> bool:
    # On Windows, names are equal whatever their case.
    upper = name.upper()
    is_known = upper in _LOCATIONS or upper in _KEPT_VARIABLES or upper.startswith(_OWN_CONFIGURATION)
    return is_known or not upper.startswith("GIT_")


def _rev_parse(program: str, start: Path, environment: Mapping[str, str], *arguments: str) -> str:
    done = _run([program, *_OPTIONS, "rev-parse", *arguments], start, environment, OPENING_SECONDS)
    if done.returncode != 0:
        raise _failure(start, done.stderr)
    return os.fsdecode(done.stdout).removesuffix("\n")


def _top(start: Path, git_folder: str, environment: Mapping[str, str]) -> Path | None:
    named = environment.get("GIT_WORK_TREE")
    if named or environment.get("GIT_DIR"):
        return Path(start, named or "").resolve()
    real = start.resolve()
    return next((folder for folder in (real, *real.parents) if _leads_to(folder / ".git", git_folder)), None)


def _leads_to(mark: Path, git_folder: str) -> bool:
    """Return whether `.git` in a folder is the Git folder or a file that names it; git skips any other folder."""
    try:
        return mark.is_file() or (mark.is_dir() and mark.samefile(git_folder))
    except OSError:
        return False


def _run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        where = shown(folder)
        raise GitFailed(
            f"git did not answer within {seconds:.0f} seconds; run `git status` in {where} to see what it waits for."
        ) from None
    except OSError as error:
        raise GitFailed(f"git cannot be started ({error.strerror}); check that it is installed.") from None


def _failure(folder: Path, stderr: bytes) -> GitFailed:
    """Return the failure that git's message means; the message itself may quote the repository."""
    where = shown(folder)
    if b"dubious ownership" in stderr:
        return GitFailed(
            f"{where} belongs to another user, so git does not read it; if you trust it, list it as "
            "`safe.directory` in your Git configuration."
        )
    if b"not a git repository" in stderr:
        return GitFailed(f"{where} is not in a Git repository; change into one, or name a path in one.")
    return GitFailed(f"git cannot read the repository {where}; run `git fsck` there to see why.")


# Separate repositories, which are not read, and files that git itself never opens.
_OTHERS = {"modules", "lfs", "annex", "hooks", "logs"}


def require_ordinary(git_folder: Path) -> None:
    """Refuse a Git folder that contains a pipe, a device, or a link to one.

    Raises:
        GitFailed: it contains one.
    """
    for entry in _entries(git_folder):
        if _is_pipe_or_device(entry):
            raise GitFailed(
                f"{shown(entry.path)} is not a regular file, so git would hang on it; find out why, and remove it."
            )


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    waiting: list[str] = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield entry
                    if entry.name not in _OTHERS and entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            # Git reports better what it cannot read.
            continue


def _is_pipe_or_device(entry: os.DirEntry[str]) -> bool:
    # For most entries, the listing says what they are, without another call.
    if entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False):
        return False
    try:
        mode = entry.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


class UnreadBlob(Enum):
    """The reason why a content cannot be scanned."""

    MISSING = "the repository lacks it, as a partial clone may"
    TOO_LARGE = "it is larger than the limit"


class BlobReader:
    """Reads contents by their ids; for a single thread."""

    def __init__(self, repository: GitRepository, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._repository = repository
        self._stdin, self._stdout = stdin, stdout

    def read(self, blob: str, limit: int) -> bytes | UnreadBlob:
        """Return the content under an id, unless it is larger than the limit.

        Raises:
            GitFailed: it is damaged, or missing although the repository is complete.
        """
        try:
            self._stdin.write(f"{blob}\n".encode())
            self._stdin.flush()
        except OSError:
            raise self._failure() from None
        _, _, facts = self._stdout.readline().decode().strip().partition(" ")
        # Git also calls damaged content missing.
        if facts == "missing" and self._repository.may_lack_contents():
            return UnreadBlob.MISSING
        kind, _, size = facts.partition(" ")
        if kind != "blob":
            raise self._failure()
        length = int(size)
        is_wanted = length <= limit
        content = self._exactly(length) if is_wanted else b""
        for start in () if is_wanted else range(0, length, _SKIPPED_BYTES):
            self._exactly(min(_SKIPPED_BYTES, length - start))
        self._exactly(1)  # the line's end
        return content if is_wanted else UnreadBlob.TOO_LARGE

    def _exactly(self, size: int) -> bytes:
        content = self._stdout.read(size)
        if len(content) != size:
            raise self._failure()
        return content

    def _failure(self) -> GitFailed:
        where = shown(self._repository.folder)
        return GitFailed(f"The repository {where} is damaged; run `git fsck` there to see where.")


@contextmanager
def open_blobs(repository: GitRepository) -> Iterator[BlobReader]:
    """Open the contents of a repository until the block ends."""
    with repository.start_process("cat-file", "--batch", stdin=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError("the process was started with pipes")
        yield BlobReader(repository, process.stdin, process.stdout)


def is_lfs_pointer(content: bytes) -> bool:
    """Return whether content is only a pointer to a file in Git LFS."""
    return len(content) < 1024 and content.startswith(_LFS)
