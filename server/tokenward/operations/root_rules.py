"""What holds for the files of each root: its workspace's rules and ignores, read once until they change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

from tokenward.custody.bindings import workspace_root
from tokenward.detection.local import Local, read_local
from tokenward.detection.problem import Problem
from tokenward.errors import SettingsError
from tokenward.findings.scan import Scanner
from tokenward.places import Places, shown
from tokenward.settings import Settings
from tokenward.sources.reading import read_small

LARGEST_CONFIGURATION = 1_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the files of one root.

    Attributes:
        home: the workspace whose configuration counts: the root, or a folder round it.
        prefix: the root's path in its home, ending with `/`; empty when they are the same.
        local: the configuration itself.
        version: the same as long as the same text gives the same findings; part of a cache's key.
        problems: what in the configuration has no effect.
    """

    home: Path
    prefix: str
    local: Local
    version: str
    problems: tuple[Problem, ...]


class RootRules:
    """The Rules of each root; safe to share between threads."""

    def __init__(self, scanner: Scanner, settings: Settings, places: Places) -> None:
        self._scanner = scanner
        self._settings = settings
        self._places = places
        self._lock = Lock()
        self._rules: dict[str, Rules] = {}

    def of(self, root: str) -> Rules:
        """The rules of a root; reads files when it is asked for the first time.

        Raises:
            SettingsError: a rule file of the user's cannot be read.
        """
        with self._lock:
            if root not in self._rules:
                self._rules[root] = self._read(Path(root))
            return self._rules[root]

    def problems(self) -> tuple[tuple[Path, Problem], ...]:
        """What has no effect in the configurations read so far, with the workspace of each."""
        with self._lock:
            found = ((rules.home, problem) for rules in self._rules.values() for problem in rules.problems)
            return tuple(dict.fromkeys(found))

    def _read(self, root: Path) -> Rules:
        home = workspace_root(root)
        local, problems = read_local(
            partial(_configuration, home),
            self._places.rules_cache,
            rule_files={str(path): _text(path) for path in self._settings.rule_files},
            allow_repository_ignores=self._settings.allow_repository_ignores,
        )
        inner = root.resolve().relative_to(home.resolve()).as_posix()
        prefix = "" if inner == "." else f"{inner}/"
        # A new fingerprint key makes what was kept under the old one useless.
        key = self._scanner.fingerprint("")
        version = f"{self._scanner.detector.identity}:{local.identity}:{key}:{prefix}"
        return Rules(home, prefix, local, version, problems)


def _configuration(home: Path, name: str) -> str | None:
    try:
        content = read_small(home / name, LARGEST_CONFIGURATION)
    except OSError:
        return None
    return None if content is None else content.decode("utf-8", "replace")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError as error:
        raise SettingsError(
            f"The rule file {shown(path)} cannot be read ({error.strerror}); see to it."
        ) from None
