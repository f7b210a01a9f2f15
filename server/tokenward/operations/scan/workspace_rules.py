"""The rules and ignores for each root's files, read from its workspace and again when they change."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from tokenward.custody.bindings.bindings import workspace_root
from tokenward.detection.custom.workspace import UNTRUSTED, LocalRules, read_local
from tokenward.errors import CustodyError, EngineUnusable, SettingsError
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.scan import Scanner
from tokenward.model import Problem
from tokenward.ownership import is_strangers
from tokenward.places import Places, shown
from tokenward.setting_files import read_own_file
from tokenward.settings import Settings
from tokenward.sources.candidate import Trouble
from tokenward.sources.safe_read import read_small

LARGEST_CONFIGURATION = 1_000_000
"""The most bytes of a file that is read."""
TRUSTED_RULES = ".tokenward/rules"
"""The folder in a trusted workspace for its own rules, in files named `*.yml` or `*.yaml`."""
MOST_TRUSTED_FILES = 100
_MOST_ENTRIES = 10_000
log = logging.getLogger("tokenward.scan")


class RuleFiles(NamedTuple):
    """The contents of some rule files.

    Attributes:
        texts: the texts, by the name of the file in a Problem.
        problems: the reasons why files were not read.
    """

    texts: Mapping[str, str]
    problems: tuple[Problem, ...]


def read_rule_files(paths: Iterable[Path]) -> RuleFiles:
    """Read the files that the settings name; one that cannot be read is a Problem, and the others count."""
    return _read({str(path): path for path in paths}, read_own_file)


def read_trusted_rules(home: Path) -> RuleFiles:
    """Read the rule files of a workspace, which must be trusted."""
    names = _yaml_names(home)
    read = names[:MOST_TRUSTED_FILES]
    found = _read({f"{TRUSTED_RULES}/{name}": home / TRUSTED_RULES / name for name in read}, read_small)
    if read == names:
        return found
    sentence = f"Only the first {MOST_TRUSTED_FILES} files of rules are read; merge some of them."
    return found._replace(problems=(*found.problems, Problem(TRUSTED_RULES, 0, sentence)))


def uncounted_rules(home: Path) -> RuleFiles:
    """Return a note that the rule files of an untrusted workspace do not count."""
    notes = [Problem(f"{TRUSTED_RULES}/{name}", 0, UNTRUSTED, is_note=True) for name in _yaml_names(home)[:1]]
    return RuleFiles({}, tuple(notes))


def is_trusted(home: Path, folders: Sequence[Path]) -> bool:
    """Return whether a workspace is one of the folders, with all links followed; a subfolder of one is not."""
    real = home.resolve()
    return any(_leads_to(folder, real) for folder in folders)


def _leads_to(folder: Path, real: Path) -> bool:
    try:
        found = folder.resolve()
        # A file system may ignore case. Some network drives cannot distinguish folders, so the names must match too.
        is_spelled_alike = str(found).casefold() == str(real).casefold()
        return found == real or (is_spelled_alike and found.samefile(real))
    except (OSError, RuntimeError):
        return False


def _read(files: Mapping[str, Path], read: Callable[[Path, int], bytes | None]) -> RuleFiles:
    texts, problems = {}, []
    for name, path in files.items():
        try:
            content = read(path, LARGEST_CONFIGURATION)
        except SettingsError as error:
            problems.append(Problem(name, 0, f"The file {error}."))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            sentence = f"The file cannot be read ({why}), so its rules find nothing; make it readable."
            problems.append(Problem(name, 0, sentence))
        else:
            if content is not None:
                texts[name] = content.decode("utf-8-sig", "replace")
    return RuleFiles(texts, tuple(problems))


def _yaml_names(home: Path) -> list[str]:
    folder = home / TRUSTED_RULES
    # A link in the repository must not lead to another folder, which nobody has trusted.
    if folder.is_symlink() or folder.parent.is_symlink():
        return []
    try:
        names = [path.name for path in islice(folder.iterdir(), _MOST_ENTRIES)]
    except OSError:
        return []
    return sorted(name for name in names if name.endswith((".yml", ".yaml")))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules and ignores that apply to a root's files.

    Attributes:
        home: the workspace whose configuration counts: the root or a folder around it.
        prefix: the root's path in its home, ending with `/`; empty if they are the same.
        local: the configuration itself.
        version: equal while the same text has the same findings; part of a cache key.
        problems: the parts of the configuration, or of the rule files, that have no effect.
        files: every file and folder that was read; a change to one makes this out of date.
        fault: why only the engine's catalog applies although there may be more rules; normally None.
    """

    home: Path
    prefix: str
    local: LocalRules
    version: str
    problems: tuple[Problem, ...]
    files: frozenset[Path]
    fault: str | None = None


class RootRules:
    """The Rules of each root; safe to share between threads."""

    def __init__(self, scanner: Scanner, settings: Settings, places: Places) -> None:
        self._scanner = scanner
        self._settings = settings
        self._places = places
        self._lock = Lock()
        self._rules: dict[str, Rules] = {}

    def of(self, root: str) -> Rules:
        """Return the rules of a root, read when they are first needed."""
        with self._lock:
            if root not in self._rules:
                self._rules[root] = self._read_safely(Path(root))
            return self._rules[root]

    def forget(self) -> None:
        """Read everything again when it is next needed."""
        with self._lock:
            self._rules.clear()

    def problems(self) -> tuple[tuple[Path, Problem], ...]:
        """Return the problems of the configurations read so far, with the workspace of each."""
        with self._lock:
            found = ((rules.home, problem) for rules in self._rules.values() for problem in rules.problems)
            return tuple(dict.fromkeys(found))

    def troubles(self) -> Iterator[Trouble]:
        """Yield the same as sentences, each once, and the faults that prevented reading a configuration."""
        yield from dict.fromkeys(_trouble(home, problem) for home, problem in self.problems())
        with self._lock:
            faults = [(rules.home, rules.fault) for rules in self._rules.values()]
        yield from dict.fromkeys(Trouble(home, fault, is_failure=True) for home, fault in faults if fault)

    def _read_safely(self, root: Path) -> Rules:
        home, prefix = _home_of(root)
        configuration = _Configuration(home, root)
        try:
            return self._read(home, prefix, configuration)
        except EngineUnusable:
            raise
        except Exception as error:  # noqa: BLE001 - a scan without rules finds more than none; its text may hold a value
            log.error("unexpected %s while reading the rules of a workspace", type(error).__name__)  # noqa: TRY400
            return self._without_rules(home, prefix, configuration.names, error)

    def _without_rules(self, home: Path, prefix: str, names: Iterable[str], error: Exception) -> Rules:
        """Return only the engine's catalog, for use if reading the rules failed unexpectedly."""
        has_comments = self._settings.allow_repository_ignores
        fault = (
            f"The rules and ignores of {shown(home)} have no effect because of an unexpected {type(error).__name__};"
            " correct its configuration files and your own rule files, and please report this."
        )
        local = LocalRules(comments=has_comments, generic=self._settings.looks_for_generic)
        version = self._version(f"plain:{has_comments}", prefix)
        files = frozenset({*self._settings.rule_files, *(home / name for name in names)})
        return Rules(home, prefix, local, version, (), files, fault)

    def _read(self, home: Path, prefix: str, configuration: _Configuration) -> Rules:
        trusted = is_trusted(home, self._settings.trusted_folders)
        named = read_rule_files(self._settings.rule_files)
        brought = read_trusted_rules(home) if trusted else uncounted_rules(home)
        local, problems = read_local(
            configuration,
            self._places.rules_cache,
            rule_files={**named.texts, **brought.texts},
            is_trusted=trusted,
            allow_repository_ignores=self._settings.allow_repository_ignores,
        )
        unread_rules = (problem.path for problem in brought.problems)
        names = {*local.read, *brought.texts, *unread_rules, *([TRUSTED_RULES] if trusted else [])}
        files = frozenset({*self._settings.rule_files, *(home / name for name in names)})
        unread = (*named.problems, *brought.problems, *configuration.problems)
        version = self._version(local.identity, prefix)
        local = replace(local, generic=self._settings.looks_for_generic)
        return Rules(home, prefix, local, version, (*unread, *problems), files)

    def _version(self, identity: str, prefix: str) -> str:
        # A new fingerprint key makes cached findings useless.
        key = self._scanner.fingerprint("")
        return (
            f"{self._scanner.detector.identity}:{identity}:{self._settings.looks_for_generic}:{key}:{prefix}"
        )


def _home_of(root: Path) -> tuple[Path, str]:
    """Return the workspace of a root, in the root's spelling if possible, and the root's prefix in it."""
    try:
        home = workspace_root(root)
        inner = root.resolve().relative_to(home).parts
        spelled = root.parents[len(inner) - 1] if inner else root
        return spelled if spelled.resolve() == home else home, "".join(f"{part}/" for part in inner)
    except (CustodyError, OSError, RuntimeError, ValueError, IndexError):
        return root, ""


def _trouble(home: Path, problem: Problem) -> Trouble:
    path = home / problem.path
    # One of the user's own rule files is named by its whole path, and is the same for every workspace.
    is_own = str(path) == problem.path
    return Trouble(path, shown(problem) if is_own else f"{shown(home)}: {shown(problem)}")


class _Configuration:
    """Reads a workspace's configuration files, and records why one was not read."""

    def __init__(self, home: Path, root: Path) -> None:
        self._home = home
        self._root = root
        self.problems: list[Problem] = []
        self.names: set[str] = set()

    def __call__(self, name: str) -> str | None:
        self.names.add(name)
        path = self._home / name
        if not os.path.lexists(path):
            return None
        try:
            # A folder on the way may be a link out of the workspace.
            is_inside = path.parent.resolve().is_relative_to(self._home.resolve())
            content = read_small(path, LARGEST_CONFIGURATION) if is_inside else None
        except OSError as error:
            self._report(name, f"cannot be read ({error.strerror}) and has no effect; make it readable.")
            return None
        if self._root.resolve() != self._home.resolve() and is_strangers(path, self._root):
            self._report(
                name, "is in a parent folder, belongs to another user, and has no effect; remove it."
            )
            return None
        if content is None:
            self._report(name, "is a link or not a regular file, and has no effect; replace it with a file.")
            return None
        return content.decode("utf-8", "replace")

    def _report(self, name: str, sentence: str) -> None:
        self.problems.append(Problem(name, 0, f"The file {sentence}"))
