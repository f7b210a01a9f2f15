"""What is silenced in a workspace and by what, and which entries of its `.tokenwardignore` are of no use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from tokenward.detection.custom.workspace import GITLEAKS_IGNORES
from tokenward.detection.suppress.baselines import SECRETS_BASELINE
from tokenward.detection.suppress.ignore_entry import IgnoreEntry, encoded_path
from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoreFile
from tokenward.detection.suppress.suppressor import IgnoredDetection
from tokenward.findings.scan import Scanner
from tokenward.operations.ignore.stale_entries import Idle, idle_entries
from tokenward.operations.scan.batch import scan_each
from tokenward.operations.scan.excluded import gathered
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.scan import THREADS, Met, in_order, walk_choice
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import Places
from tokenward.problem import Problem
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.candidate import IgnoredPath as KeptOut
from tokenward.sources.walk.walk import walk

_ACCEPTING = {IGNORE_FILE, *GITLEAKS_IGNORES, SECRETS_BASELINE}
"""Files that only silence: what is wrong with one hides no token."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a look at a whole workspace says of what it silences.

    Attributes:
        home: the workspace's folder.
        is_heeded: the user's settings let the workspace silence; else nothing of this is silenced for them.
        entries: of its `.tokenwardignore`.
        idle: those that silence nothing.
        silenced: each place, in order of path and line.
        problems: what in its configuration has no effect.
        left_out: a sentence for each thing that was not looked at.
    """

    home: Path
    is_heeded: bool
    entries: tuple[IgnoreEntry, ...]
    idle: tuple[Idle, ...]
    silenced: tuple[IgnoredDetection, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]

    @property
    def stale(self) -> tuple[Idle, ...]:
        return tuple(idle for idle in self.idle if idle.is_stale)

    @property
    def sources(self) -> Counter[str]:
        """How many places each source silences."""
        return Counter(one.source for one in self.silenced)


def review(
    scanner: Scanner,
    root: Path,
    settings: Settings,
    places: Places,
    *,
    cache: ScanCache | None,
    today: date,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Review:
    """Scan the workspace that a folder belongs to.

    Others use its entries too, so what one user excludes is looked at, and what one forbids makes no entry stale.
    """
    everything = replace(settings, allow_repository_ignores=True, exclude=())
    root_rules = RootRules(scanner, everything, places)
    rules = root_rules.of(str(root_rules.of(str(root)).home))
    files = FileScanner(scanner, root_rules, everything.max_file_bytes, cache)
    silenced, troubles, kept_out = _looked(files, rules.home, everything, is_cancelled)
    if cache is not None:
        cache.save()
    hidden = [rules.home / problem.path for problem in rules.problems if problem.path not in _ACCEPTING]
    places_outside = [*(trouble.path for trouble in troubles), *(one.path for one in kept_out), *hidden]
    outside = {_in_scope_spelling(path, rules.home) for path in places_outside}
    return Review(
        home=rules.home,
        is_heeded=settings.allow_repository_ignores,
        entries=rules.local.ignore_file.entries,
        idle=idle_entries(files, rules, silenced, outside, today),
        silenced=tuple(sorted(silenced, key=lambda one: (one.path, one.line))),
        problems=rules.problems,
        left_out=tuple(one.sentence for one in (*troubles, *_troubles(kept_out))),
    )


def without_entries(file: IgnoreFile, entries: Iterable[IgnoreEntry]) -> str:
    """The text of a file, which may have changed since, without some entries that it had."""
    gone = set(map(str, entries))
    return file.without([entry for entry in file.entries if str(entry) in gone])


def _looked(
    files: FileScanner, home: Path, settings: Settings, is_cancelled: Callable[[], bool]
) -> tuple[list[IgnoredDetection], list[Trouble], list[KeptOut]]:
    silenced: list[IgnoredDetection] = []
    troubles: list[Trouble] = []
    kept_out: list[KeptOut] = []
    found = _sorted_out(walk([home], walk_choice(settings), is_cancelled), kept_out)
    with ThreadPoolExecutor(THREADS, "tokenward-review") as threads:
        for result in in_order(threads, partial(scan_each, files), found, is_cancelled):
            if isinstance(result, ScannedFile):
                silenced += result.silenced
            else:
                troubles.append(result)
    if is_cancelled():
        troubles.append(Trouble(home, "Not all files were looked at, because that takes long here."))
    return silenced, troubles, kept_out


def _sorted_out(found: Iterable[Met], kept_out: list[KeptOut]) -> Iterator[Candidate | Trouble]:
    for one in found:
        if isinstance(one, KeptOut):
            kept_out.append(one)
        else:
            yield one


def _troubles(kept_out: Iterable[KeptOut]) -> list[Trouble]:
    return [one for one in gathered(kept_out) if isinstance(one, Trouble)]


def _in_scope_spelling(path: Path, home: Path) -> str:
    """A path in its workspace; empty for what concerns all of it."""
    inner = path.relative_to(home).as_posix() if path.is_relative_to(home) else "."
    return "" if inner == "." else encoded_path(inner)
