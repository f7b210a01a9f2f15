"""`tokenward scan --staged`, `--diff` and `--history`: the content of a Git repository, or its new lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from tokenward.cli.scan_output.scan_run import ScanRun
from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.errors import GitFailed, TokenwardError
from tokenward.operations.git_scan.changes import GitScan, scan_between, scan_since, scan_staged
from tokenward.operations.git_scan.history import commit_count, scan_history
from tokenward.operations.programs import find_program
from tokenward.operations.scan.report import Report
from tokenward.places import shown
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.git.changes import is_known, is_range
from tokenward.sources.git.repository import GitRepository, names_repository, open_repository


def report_of_git(
    paths: Sequence[Path],
    start: Callable[[Invocation], ScanRun],
    *,
    revisions: str,
    history: bool,
    has_cache: bool,
) -> Report:
    """Scan a repository and return the report.

    Args:
        paths: files and folders, which may no longer exist; empty for all.
        start: begins the scan, given where it is called.
        revisions: the argument of `--diff`; empty for another kind of scan.
        history: scan all commits; without it and without revisions, staged changes are scanned.
        has_cache: use cached results of unchanged files.

    Raises:
        GitFailed: git is missing, or cannot read the repository.
        TokenwardError: a path is outside the repository, or does not exist in it.
    """
    repository = _open_repository(paths)
    inner_paths = frozenset(_inner_path(repository, path) for path in paths)
    run = start(Invocation.here(repository.folder))
    settings, places = run.invocation.settings, run.invocation.places
    scan = GitScan(
        repository, run.scanner, settings, places, frozenset() if "." in inner_paths else inner_paths
    )
    if history:
        return run.report(scan_history(scan), commits=commit_count(repository))
    if is_range(revisions):
        return run.report(scan_between(scan, revisions))
    if revisions:
        cache = ScanCache(places.scan_cache) if has_cache else None
        return run.report(scan_since(scan, revisions, cache))
    return run.report(scan_staged(scan))


def _open_repository(paths: Sequence[Path]) -> GitRepository:
    program = find_program("git")
    if program is None:
        raise GitFailed("git was not found on PATH; install it, or scan files and folders instead.")
    start = absolute(Path())
    if paths and not names_repository(os.environ):
        start = next((path for path in (paths[0], *paths[0].parents) if path.is_dir()), start)
    return open_repository(program, start, os.environ)


def _inner_path(repository: GitRepository, path: Path) -> str:
    inner = repository.relative_path(path)
    if inner is None:
        raise TokenwardError(
            f"{shown(path)} is not in the repository {shown(repository.folder)}; scan it separately."
        )
    if not (os.path.lexists(path) or is_known(repository, inner)):
        raise TokenwardError(f"{shown(path)} does not exist and is not in any commit; check the path.")
    return inner
