"""What holds for the files of each root: its workspace's rules and ignores, read once until they change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

from tokenward.custody.bindings import workspace_root
from tokenward.detection.local import Local, read_local
from tokenward.detection.problem import Problem
from tokenward.findings.scan import Scanner
from tokenward.operations.rule_files import (
    LARGEST_CONFIGURATION,
    TRUSTED_RULES,
    RuleFiles,
    is_trusted,
    read_rule_files,
    read_trusted_rules,
)
from tokenward.places import Places, shown
from tokenward.settings import Settings
from tokenward.sources.candidate import Trouble
from tokenward.sources.reading import read_small


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the files of one root.

    Attributes:
        home: the workspace whose configuration counts: the root, or a folder round it.
        prefix: the root's path in its home, ending with `/`; empty when they are the same.
        local: the configuration itself.
        version: the same as long as the same text gives the same findings; part of a cache's key.
        problems: what in the configuration, or in the rule files, has no effect.
        files: every file and folder that was asked for; a change of one makes this out of date.
    """

    home: Path
    prefix: str
    local: Local
    version: str
    problems: tuple[Problem, ...]
    files: frozenset[Path]


class RootRules:
    """The Rules of each root; safe to share between threads."""

    def __init__(self, scanner: Scanner, settings: Settings, places: Places) -> None:
        self._scanner = scanner
        self._settings = settings
        self._places = places
        self._lock = Lock()
        self._rules: dict[str, Rules] = {}

    def of(self, root: str) -> Rules:
        """The rules of a root; reads files when it is asked for the first time."""
        with self._lock:
            if root not in self._rules:
                self._rules[root] = self._read(Path(root))
            return self._rules[root]

    def forget(self) -> None:
        """Read everything anew when it is asked for."""
        with self._lock:
            self._rules.clear()

    def problems(self) -> tuple[tuple[Path, Problem], ...]:
        """What has no effect in the configurations read so far, with the workspace of each."""
        with self._lock:
            found = ((rules.home, problem) for rules in self._rules.values() for problem in rules.problems)
            return tuple(dict.fromkeys(found))

    def troubles(self) -> Iterator[Trouble]:
        """The same in sentences, each once."""
        yield from dict.fromkeys(_trouble(home, problem) for home, problem in self.problems())

    def _read(self, root: Path) -> Rules:
        home = workspace_root(root)
        trusted = is_trusted(home, self._settings.trusted_folders)
        named = read_rule_files(self._settings.rule_files)
        brought = read_trusted_rules(home) if trusted else RuleFiles({}, ())
        local, problems = read_local(
            partial(_configuration, home),
            self._places.rules_cache,
            rule_files={**named.texts, **brought.texts},
            is_trusted=trusted,
            allow_repository_ignores=self._settings.allow_repository_ignores,
        )
        inner = root.resolve().relative_to(home.resolve()).as_posix()
        prefix = "" if inner == "." else f"{inner}/"
        # A new fingerprint key makes what was kept under the old one useless.
        key = self._scanner.fingerprint("")
        version = f"{self._scanner.detector.identity}:{local.identity}:{key}:{prefix}"
        names = {*local.read, *brought.texts, *([TRUSTED_RULES] if trusted else [])}
        files = frozenset({*self._settings.rule_files, *(home / name for name in names)})
        unread = (*named.problems, *brought.problems)
        return Rules(home, prefix, local, version, (*unread, *problems), files)


def _trouble(home: Path, problem: Problem) -> Trouble:
    path = home / problem.path
    # A rule file of the user's has its whole path, and is the same for every workspace.
    is_own = str(path) == problem.path
    return Trouble(path, shown(problem) if is_own else f"{shown(home)}: {shown(problem)}")


def _configuration(home: Path, name: str) -> str | None:
    try:
        content = read_small(home / name, LARGEST_CONFIGURATION)
    except OSError:
        return None
    return None if content is None else content.decode("utf-8", "replace")
