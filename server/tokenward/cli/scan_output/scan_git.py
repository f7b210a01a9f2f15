"""`tokenward scan --staged`, `--diff` and `--history`: what a Git repository stores, and what is new in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.cli.scan_output.work import Work
from tokenward.cli.support.invocation import Setting, absolute
from tokenward.errors import GitFailed, TokenwardError
from tokenward.operations.git_scan.changes import GitScan, scan_between, scan_since, scan_staged
from tokenward.operations.git_scan.history import commit_count, scan_history
from tokenward.operations.programs import find_program
from tokenward.operations.scan.report import Report
from tokenward.places import shown
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.git.changes import is_known, is_range
from tokenward.sources.git.repository import GitRepository, names_repository, open_repository


@dataclass(frozen=True, slots=True)
class GitWish:
    """What of a repository is to be scanned.

    Attributes:
        paths: the files and folders, which need not be there any more; all if there are none.
        revisions: what `--diff` names; empty for another kind of scan.
        history: all commits are scanned; when there are no revisions either, what is staged.
        cache: what is known of unchanged files is taken.
    """

    paths: Sequence[Path]
    revisions: str = ""
    history: bool = False
    cache: bool = True


def report_of_git(wish: GitWish, begun: Callable[[Setting], Work]) -> Report:
    """What a scan of a repository comes to.

    Raises:
        GitFailed: git is not there, or cannot read the repository.
        TokenwardError: a path is outside the repository, or nowhere in it.
    """
    repository = _repository(wish.paths)
    wanted = [_inner(repository, path) for path in wish.paths]
    for path, inner in zip(wish.paths, wanted, strict=True):
        _require_known(repository, path, inner)
    work = begun(Setting.here(repository.folder))
    setting = work.setting
    inner_paths = frozenset() if "." in wanted else frozenset(wanted)
    scan = GitScan(repository, work.scanner, setting.settings, setting.places, inner_paths)
    if wish.history:
        return work.report(scan_history(scan), commits=commit_count(repository))
    if is_range(wish.revisions):
        return work.report(scan_between(scan, wish.revisions))
    if wish.revisions:
        cache = ScanCache(setting.places.scan_cache) if wish.cache else None
        return work.report(scan_since(scan, wish.revisions, cache))
    return work.report(scan_staged(scan))


def _repository(paths: Sequence[Path]) -> GitRepository:
    program = find_program("git")
    if program is None:
        raise GitFailed("There is no git on PATH; install it, or scan files and folders without it.")
    start = absolute(Path())
    if paths and not names_repository(os.environ):
        around = (path for path in (paths[0], *paths[0].parents) if path.is_dir())
        start = next(around, start)
    return open_repository(program, start, os.environ)


def _inner(repository: GitRepository, path: Path) -> str:
    inner = repository.relative_path(path)
    if inner is None:
        raise TokenwardError(
            f"{shown(path)} is not in the repository {shown(repository.folder)}; scan it by itself."
        )
    return inner


def _require_known(repository: GitRepository, path: Path, inner: str) -> None:
    if not (os.path.lexists(path) or is_known(repository, inner)):
        raise TokenwardError(
            f"{shown(path)} is neither there nor in any commit; name a file or folder that is."
        )
