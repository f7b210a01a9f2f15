"""`tokenward scan --staged`, `--diff` and `--history`: the content of a Git repository, or its new lines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tokenward.cli.scan.scan_run import ScanOptions, ScanRun
from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.errors import GitFailed, TokenwardError
from tokenward.operations.git_scan.changes import GitScan, scan_between, scan_since, scan_staged
from tokenward.operations.programs import find_program
from tokenward.operations.scan.report import Report
from tokenward.places import shown
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.git.changes import is_known
from tokenward.sources.git.repository import GitRepository, names_repository, open_repository


def report_of_git(options: ScanOptions) -> Report:
    """Scan a repository and return the report.

    Raises:
        GitFailed: git is missing, or cannot read the repository.
        TokenwardError: a path is outside the repository, or does not exist in it.
    """
    # They may no longer exist.
    paths = [path.absolute() for path in options.expanded()]
    repository = _open_repository(paths)
    inner_paths = frozenset(_inner_path(repository, path) for path in paths)
    run = ScanRun(options, Invocation.here(repository.folder))
    settings, places = run.invocation.settings, run.invocation.places
    scan = GitScan(
        repository, run.scanner, settings, places, frozenset() if "." in inner_paths else inner_paths
    )
    if options.history:
        from tokenward.operations.git_scan.history import commit_count, scan_history

        return run.report(scan_history(scan), commits=commit_count(repository))
    if not options.diff:
        return run.report(scan_staged(scan))
    if ".." in options.diff:
        return run.report(scan_between(scan, options.diff))
    return run.report(scan_since(scan, options.diff, ScanCache(places.scan_cache) if options.cache else None))


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
