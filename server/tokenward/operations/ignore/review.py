"""Reviews what a workspace ignores, by which source, and which entries of its `.tokenwardignore` are unused."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from tokenward.detection.custom.workspace import GITLEAKS_IGNORES
from tokenward.detection.suppress.baselines import SECRETS_BASELINE
from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoreEntry, IgnoreFile, encoded_path
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.model import IgnoredDetection, Problem
from tokenward.operations.ignore.find_tokens import tokens_in
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.scan import THREADS, in_order, walk_choice
from tokenward.operations.scan.skipped import with_exclusions_summed_up
from tokenward.operations.scan.workspace_rules import RootRules, Rules
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.candidate import IgnoredPath as Excluded
from tokenward.sources.walk.walk import walk

_IGNORE_ONLY = {IGNORE_FILE, *GITLEAKS_IGNORES, SECRETS_BASELINE}
"""Files that only ignore tokens, so a problem with one hides no token."""


class UnusedEntry(NamedTuple):
    """An entry that ignores nothing.

    Attributes:
        why: why it seems to be unused, in a few words.
        is_stale: it is certainly unused in the current workspace.
    """

    entry: IgnoreEntry
    why: str
    is_stale: bool = True


@dataclass(frozen=True, slots=True)
class IgnoreReview:
    """What a workspace ignores.

    Attributes:
        is_in_effect: the user's settings let the workspace ignore tokens; otherwise every token is shown.
        entries: of its `.tokenwardignore`.
        silenced: each ignored place, in order of path and line.
        problems: the parts of its configuration that have no effect.
        left_out: a sentence for each thing that was not scanned.
    """

    home: Path
    is_in_effect: bool
    entries: tuple[IgnoreEntry, ...]
    unused: tuple[UnusedEntry, ...]
    silenced: tuple[IgnoredDetection, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]

    @property
    def stale(self) -> tuple[UnusedEntry, ...]:
        """Return the stale entries."""
        return tuple(one for one in self.unused if one.is_stale)

    @property
    def sources(self) -> Counter[str]:
        """Return the number of places that each source ignores."""
        return Counter(one.source for one in self.silenced)


def review_ignores(
    scanner: Scanner,
    root: Path,
    settings: Settings,
    places: Places,
    *,
    cache: ScanCache | None,
    today: date,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> IgnoreReview:
    """Scan the workspace of a folder.

    Others use its entries too, so files that one user excludes are scanned as well.
    """
    everything = replace(settings, allow_repository_ignores=True, exclude=())
    root_rules = RootRules(scanner, everything, places)
    rules = root_rules.of(str(root_rules.of(str(root)).home))
    files = FileScanner(scanner, root_rules, everything.max_file_bytes, cache)
    silenced, troubles, excluded = _scan(files, rules.home, everything, is_cancelled)
    if cache is not None:
        cache.save()
    hidden = [rules.home / problem.path for problem in rules.problems if problem.path not in _IGNORE_ONLY]
    unscanned = [*(trouble.path for trouble in troubles), *(one.path for one in excluded), *hidden]
    scopes = {_scope_of(path, rules.home) for path in unscanned}
    summed_up = [one for one in with_exclusions_summed_up(excluded) if isinstance(one, Trouble)]
    return IgnoreReview(
        home=rules.home,
        is_in_effect=settings.allow_repository_ignores,
        entries=rules.local.ignore_file.entries,
        unused=_unused_entries(files, rules, silenced, scopes, today),
        silenced=tuple(sorted(silenced, key=lambda one: (one.path, one.line))),
        problems=rules.problems,
        left_out=tuple(one.sentence for one in (*troubles, *summed_up)),
    )


def without_entries(file: IgnoreFile, entries: Iterable[IgnoreEntry]) -> str:
    """Return the current text of a file without some entries."""
    removed = set(map(str, entries))
    return file.without([entry for entry in file.entries if str(entry) in removed])


def _scan(
    files: FileScanner, home: Path, settings: Settings, is_cancelled: Callable[[], bool]
) -> tuple[list[IgnoredDetection], list[Trouble], list[Excluded]]:
    silenced: list[IgnoredDetection] = []
    troubles: list[Trouble] = []
    excluded: list[Excluded] = []

    def walked() -> Iterator[Candidate | Trouble]:
        for one in walk([home], walk_choice(settings), is_cancelled):
            if isinstance(one, Excluded):
                excluded.append(one)
            else:
                yield one

    with ThreadPoolExecutor(THREADS, "tokenward-review") as threads:
        for result in in_order(threads, files.scan, walked(), is_cancelled):
            if isinstance(result, ScannedFile):
                silenced += result.silenced
            else:
                troubles.append(result)
    if is_cancelled():
        troubles.append(Trouble(home, "Not all files were scanned, because that takes long here."))
    return silenced, troubles, excluded


def _scope_of(path: Path, home: Path) -> str:
    """Return a path in its workspace, spelled as scopes are; empty for the whole workspace."""
    inner = path.relative_to(home).as_posix() if path.is_relative_to(home) else "."
    return "" if inner == "." else encoded_path(inner)


def _unused_entries(
    files: FileScanner,
    rules: Rules,
    silenced: Sequence[IgnoredDetection],
    unscanned: Collection[str],
    today: date,
) -> tuple[UnusedEntry, ...]:
    """Return the entries that ignore nothing, in the file's order; an empty scope is the whole workspace."""
    unmatched = rules.local.ignore_file.stale(silenced, today)
    doubtful = [entry for entry, _ in unmatched if not entry.has_expired(today)]
    used = set(_used_entries(files, rules, silenced, doubtful, today)) if doubtful else set()
    known_rules: set[str] = set()
    if doubtful:
        custom = rules.local.custom.scanner
        scanners = [*files.scanner.detector.load().all, *([custom] if custom else [])]
        known_rules = {short_rule(str(rule["id"])) for one in scanners for rule in one.rules.metadata()}
    unused = []
    for entry, why in unmatched:
        if entry in used:
            continue
        if entry.has_expired(today):
            unused.append(UnusedEntry(entry, why))
        elif short_rule(unquote(entry.rule, errors="surrogatepass")) not in known_rules:
            unused.append(UnusedEntry(entry, "its rule is not in use on this machine", is_stale=False))
        elif any(_may_apply_in(entry, scope) for scope in unscanned):
            unused.append(
                UnusedEntry(entry, "its token may be in a file that was not scanned", is_stale=False)
            )
        else:
            unused.append(UnusedEntry(entry, why))
    return tuple(unused)


def _used_entries(
    files: FileScanner,
    rules: Rules,
    silenced: Sequence[IgnoredDetection],
    doubtful: Sequence[IgnoreEntry],
    today: date,
) -> Iterator[IgnoreEntry]:
    """Yield the entries for tokens that something else ignores first, such as a comment or another entry."""
    file = IgnoreFile("", doubtful)
    bare = replace(rules, local=replace(rules.local, ignore_sources=(), exceptions=(), comments=False))
    for path in sorted({one.path for one in silenced}):
        try:
            candidate = Candidate.of(str(rules.home), os.lstat(rules.home / path), path)
            tokens = tokens_in(files.scanner, bare, candidate, files.limit)
        except (OSError, TokenwardError):
            # A file that cannot be read again may contain any of the tokens.
            yield from doubtful
            return
        for token in tokens:
            found = token.detection
            yield from file.holding(found.secret, found.rule, path, today)


def _may_apply_in(entry: IgnoreEntry, path: str) -> bool:
    """Return whether an entry can apply to a path, or to one beneath it."""
    literal, wildcard, _ = entry.scope.partition("*")
    return (
        not path
        or entry.holds_for(path)
        or literal.startswith(f"{path}/")
        or (bool(wildcard) and f"{path}/".startswith(literal))
    )
