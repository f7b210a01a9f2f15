"""What holds for one workspace beside the engine's catalog: custom rules, and what need not be reported."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path

from tokenward.detection.allowlist import Allowlists
from tokenward.detection.baselines import GITLEAKS_IGNORE, SECRETS_BASELINE, GitleaksIgnore, SecretsBaseline
from tokenward.detection.catalog import CustomRules, compile_rules
from tokenward.detection.gitleaks import GitleaksConfig, Read, parse_gitleaks
from tokenward.detection.ignore_file import IGNORE_FILE, IgnoredTokens, IgnoreFile
from tokenward.detection.problem import Problem
from tokenward.detection.silencing import Candidate, Silencer

GITLEAKS_CONFIGS = (".gitleaks.toml", ".betterleaks.toml")
GITLEAKS_IGNORES = (GITLEAKS_IGNORE, ".betterleaksignore")
MOST_PROBLEMS = 100
"""Problems of one file that are told."""


@dataclass(frozen=True, slots=True)
class Local:
    """What holds for one workspace.

    Attributes:
        custom: rules of the user, and of the workspace if it is trusted.
        silencers: accept tokens by value or place; asked in order.
        exceptions: keep single rules from being heeded; asked in order.
        comments: allow comments in the text are heeded.
        ignore_file: the workspace's `.tokenwardignore`, maybe empty.
        read: every workspace file that was asked for; a change of one makes this out of date.
        identity: the same for the same configuration on the same day; part of a cache's key.
    """

    custom: CustomRules = field(default_factory=CustomRules)
    silencers: tuple[Silencer, ...] = ()
    exceptions: tuple[Silencer, ...] = ()
    comments: bool = True
    ignore_file: IgnoreFile = field(default_factory=lambda: IgnoreFile("", ()))
    read: frozenset[str] = frozenset()
    identity: str = ""

    def silences(self, candidate: Candidate) -> str | None:
        return _first(self.silencers, candidate)

    def exception_to_rule(self, candidate: Candidate) -> str | None:
        return _first(self.exceptions, candidate)


PLAIN = Local()
"""The engine's catalog and allow comments, no more."""
HEEDLESS = Local(comments=False)
"""The engine's catalog alone: nothing in a text silences."""


def read_local(
    read: Read,
    cache: Path,
    *,
    today: Callable[[], date] = date.today,
    rule_files: Mapping[str, str] | None = None,
    is_trusted: bool = False,
    allow_repository_ignores: bool = True,
) -> tuple[Local, tuple[Problem, ...]]:
    """What holds for a workspace, and what in its files has no effect.

    Args:
        read: gives the text of a file of the workspace by its relative path; None when there is none.
        cache: a folder, private to the user, for compiled rules.
        today: asked anew for each token, since an ignore may expire while the server runs.
        rule_files: texts of the user's rule files and, if it is trusted, of the workspace's, by name; `.toml` is
            gitleaks' or betterleaks' format, all else Kingfisher's YAML.
        is_trusted: the rules of the workspace's own `.gitleaks.toml` count too.
        allow_repository_ignores: the workspace's own configuration and comments may silence.
    """
    reading = _Reading(read)
    own, configs = _configs(rule_files or {}, reading)
    yaml_files = {path: text for path, text in (rule_files or {}).items() if not path.endswith(".toml")}
    trusted = [*own, *(configs if is_trusted else [])]
    custom, bad_rules = compile_rules(yaml_files, [r for c in trusted for r in c.rules], cache)
    exceptions, bad_lists = _exceptions([*own, *(configs if allow_repository_ignores else [])])
    ignore_file, silencers, bad_entries = _accepted(reading, today)
    day = str(today()) if any(entry.until for entry in ignore_file.entries) else ""
    local = Local(
        custom,
        silencers if allow_repository_ignores else (),
        exceptions,
        allow_repository_ignores,
        ignore_file,
        frozenset(reading.texts),
        _identity(reading.texts, rule_files, is_trusted, allow_repository_ignores, day),
    )
    bad_files = [problem for config in [*own, *configs] for problem in config.problems]
    return local, _cut([*bad_files, *bad_rules, *bad_lists, *bad_entries])


def _cut(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The first problems of each file; a repository could bring any number."""
    by_path: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_path[problem.path].append(problem)
    return tuple(chain.from_iterable(map(_first_of, by_path.values())))


def _first_of(problems: list[Problem]) -> list[Problem]:
    shown, rest = problems[:MOST_PROBLEMS], problems[MOST_PROBLEMS:]
    more = [replace(one, sentence=f"And {len(rest):,} more; mend those above first.") for one in rest[:1]]
    return [*shown, *more]


class _Reading:
    """Reads, and remembers what was read."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self.texts: dict[str, str | None] = {}

    def __call__(self, path: str) -> str | None:
        if path not in self.texts:
            self.texts[path] = self._read(path)
        return self.texts[path]


class _DisabledRules:
    """Rules that a configuration turns off."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def silences(self, candidate: Candidate) -> str | None:
        return self._places.get(candidate.short_rule)


def _configs(files: Mapping[str, str], read: Read) -> tuple[list[GitleaksConfig], list[GitleaksConfig]]:
    """The configurations among the rule files, and the workspace's."""
    own = [
        parse_gitleaks(path, text, lambda _: None) for path, text in files.items() if path.endswith(".toml")
    ]
    texts = [(name, read(name)) for name in GITLEAKS_CONFIGS]
    return own, [parse_gitleaks(name, text, read) for name, text in texts if text is not None]


def _exceptions(configs: Sequence[GitleaksConfig]) -> tuple[tuple[Silencer, ...], tuple[Problem, ...]]:
    disabled = _DisabledRules({name: by for config in configs for name, by in config.disabled})
    allowlists = Allowlists(item for config in configs for item in config.allowlists)
    return (disabled, allowlists), allowlists.problems


def _accepted(
    read: Read, today: Callable[[], date]
) -> tuple[IgnoreFile, tuple[Silencer, ...], list[Problem]]:
    ignore_file, problems = IgnoreFile.parse(read(IGNORE_FILE) or "")
    found = list(problems)
    silencers: list[Silencer] = [IgnoredTokens(ignore_file, today)]
    for name in GITLEAKS_IGNORES:
        fingerprints, bad = GitleaksIgnore.parse(name, read(name) or "")
        silencers.append(fingerprints)
        found += bad
    text = read(SECRETS_BASELINE)
    if text is not None:
        baseline, bad = SecretsBaseline.parse(SECRETS_BASELINE, text)
        silencers.append(baseline)
        found += bad
    return ignore_file, tuple(silencers), found


def _first(silencers: Sequence[Silencer], candidate: Candidate) -> str | None:
    return next((by for silencer in silencers if (by := silencer.silences(candidate)) is not None), None)


def _identity(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
