"""The rules of a workspace in addition to the engine's catalog: custom rules, and what is ignored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.detection.custom.catalog import CustomRules, compile_rules
from tokenward.detection.suppress.allowlist import Allowlists
from tokenward.detection.suppress.baselines import (
    GITLEAKS_IGNORE,
    SECRETS_BASELINE,
    GitleaksIgnore,
    SecretsBaseline,
)
from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoredTokens, IgnoreFile
from tokenward.detection.suppress.suppressor import CUSTOM, IgnoreCandidate, IgnoreSource
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Problem

if TYPE_CHECKING:
    from tokenward.detection.custom.gitleaks import GitleaksConfig, GitleaksRule, ReadText

GITLEAKS_CONFIGS = (".gitleaks.toml", ".betterleaks.toml")
GITLEAKS_IGNORES = (GITLEAKS_IGNORE, ".betterleaksignore")
UNTRUSTED = (
    "The workspace's own rules do not count, because it is not one of your `trusted-folders`; if you trust it, add it"
    " to them in your own settings file."
)
MOST_PROBLEMS = 100
"""The most problems that are reported for a file."""


@dataclass(frozen=True, slots=True)
class LocalRules:
    """The rules of a workspace.

    Attributes:
        custom: rules of the user, and of the workspace if it is trusted.
        ignore_sources: accept tokens by value or place; checked in order.
        exceptions: turn off single rules at single places; the first counts.
        comments: ignore comments in the text have an effect.
        generic: tokens that only their names identify are reported.
        ignore_file: the workspace's `.tokenwardignore`, maybe empty.
        read: every workspace file that was requested; a change to one makes this out of date.
        identity: equal for the same configuration on the same day; part of a cache key.
    """

    custom: CustomRules = field(default_factory=CustomRules)
    ignore_sources: tuple[IgnoreSource, ...] = ()
    exceptions: tuple[IgnoreSource, ...] = ()
    comments: bool = True
    generic: bool = True
    ignore_file: IgnoreFile = field(default_factory=lambda: IgnoreFile("", ()))
    read: frozenset[str] = frozenset()
    identity: str = ""

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        """Return the first source that ignores a candidate, if any."""
        return _first(self.ignore_sources, candidate)

    def exception_to_rule(self, candidate: IgnoreCandidate) -> str | None:
        """Return the exception that turns off a candidate's rule in its place, if any."""
        return _first(self.exceptions, candidate)


PLAIN = LocalRules()
"""Only the rules that apply everywhere, and ignore comments."""


def read_local(
    read: ReadText,
    cache: Path,
    *,
    today: Callable[[], date] = date.today,
    rule_files: Mapping[str, str] | None = None,
    is_trusted: bool = False,
    allow_repository_ignores: bool = True,
) -> tuple[LocalRules, tuple[Problem, ...]]:
    """Read a workspace's rules, and the problems of its files.

    Args:
        read: returns the text of a workspace file by its relative path; None if it is missing.
        cache: a folder for compiled rules, private to the user.
        today: called for each token, because an entry may expire while the server runs.
        rule_files: texts of the rule files of the user and of a trusted workspace, by name; `.toml` files have
        gitleaks' or betterleaks' format, all others Kingfisher's YAML.
        is_trusted: the rules in the workspace's own `.gitleaks.toml` count too.
        allow_repository_ignores: the workspace's own configuration and comments may ignore tokens.
    """
    reading = _RememberedFiles(read)
    texts = rule_files or {}
    own = {p: _parse_config(p, text, lambda _: None) for p, text in texts.items() if p.endswith(".toml")}
    configs = {
        p: _parse_config(p, text, reading) for p in GITLEAKS_CONFIGS if (text := reading(p)) is not None
    }
    # The order of precedence: no rule of a workspace replaces a rule of the user.
    files: dict[str, str | Sequence[GitleaksRule]] = {
        path: own[path].rules if path in own else text for path, text in texts.items()
    }
    files |= {path: config.rules for path, config in configs.items() if is_trusted}
    custom, bad_rules = compile_rules(files, cache)
    applied = [*own.values(), *(configs.values() if allow_repository_ignores else [])]
    allowlists = Allowlists(item for config in applied for item in config.allowlists)
    exceptions = (_DisabledRules(applied), allowlists)
    ignore_file, ignore_sources, bad_entries = _read_ignores(reading, today)
    notes = [] if is_trusted else list(_untrusted_notes(configs))
    notes += _expired(ignore_file, today()) if allow_repository_ignores else []
    day = str(today()) if any(entry.until for entry in ignore_file.entries) else ""
    configuration = (reading.texts, texts, is_trusted, allow_repository_ignores, day)
    local = LocalRules(
        custom,
        ignore_sources if allow_repository_ignores else (),
        exceptions,
        allow_repository_ignores,
        ignore_file=ignore_file,
        read=frozenset(reading.texts),
        identity=hashlib.sha256(repr(configuration).encode("utf-8", "surrogatepass")).hexdigest(),
    )
    bad_files = [p for config in [*own.values(), *configs.values()] for p in config.problems]
    return local, _limited([*notes, *bad_files, *bad_rules, *allowlists.problems, *bad_entries])


def _untrusted_notes(configs: Mapping[str, GitleaksConfig]) -> Iterator[Problem]:
    """Yield a note for each file whose rules do not count."""
    for path, config in configs.items():
        rules = [rule for rule in config.rules if rule.regex is not None]
        if rules:
            yield Problem(path, rules[0].line if rules[0].path == path else 0, UNTRUSTED, is_note=True)


def _expired(file: IgnoreFile, today: date) -> list[Problem]:
    expired = [entry for entry in file.entries if entry.has_expired(today)]
    if not expired:
        return []
    count = "This entry has" if len(expired) == 1 else f"This entry and {len(expired) - 1:,} more have"
    sentence = f"{count} expired; `tokenward ignore` renews one, `tokenward ignore prune` removes them."
    return [Problem(IGNORE_FILE, expired[0].line, sentence, is_note=True)]


def _limited(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the first problems of each file, because a repository could bring any number."""
    by_path: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_path[problem.path].append(problem)
    for found in by_path.values():
        if len(found) > MOST_PROBLEMS:
            sentence = f"And {len(found) - MOST_PROBLEMS:,} more; fix those above first."
            found[MOST_PROBLEMS:] = [replace(found[MOST_PROBLEMS], sentence=sentence)]
    return tuple(chain.from_iterable(by_path.values()))


class _RememberedFiles:
    """Reads files and remembers their names."""

    def __init__(self, read: ReadText) -> None:
        self._read = read
        self.texts: dict[str, str | None] = {}

    def __call__(self, path: str) -> str | None:
        if path not in self.texts:
            self.texts[path] = self._read(path)
        return self.texts[path]


class _DisabledRules:
    """Rules that configurations turn off; a configuration does not turn off a rule that it defines."""

    def __init__(self, configs: Sequence[GitleaksConfig]) -> None:
        self._places = {name: by for config in configs for name, by in config.disabled}
        self._custom: dict[str, str] = {}
        for config in configs:
            defined = {rule.id.removeprefix(CUSTOM) for rule in config.rules if rule.regex is not None}
            self._custom |= {name: by for name, by in config.disabled if name not in defined}

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        places = self._custom if candidate.rule.startswith(CUSTOM) else self._places
        return places.get(candidate.short_rule)


def _parse_config(path: str, text: str, read: ReadText) -> GitleaksConfig:
    from tokenward.detection.custom.gitleaks import (  # noqa: PLC0415 - few have one
        GitleaksConfig,
        parse_gitleaks,
    )

    try:
        return parse_gitleaks(path, text, read)
    except Exception as error:  # noqa: BLE001 - whatever one file does to its reader, everything else still counts
        sentence = f"The file is not understood ({type(error).__name__}) and has no effect; simplify it."
        return GitleaksConfig(problems=(Problem(path, 0, sentence),))


def _read_ignores(
    read: ReadText, today: Callable[[], date]
) -> tuple[IgnoreFile, tuple[IgnoreSource, ...], list[Problem]]:
    ignore_file, problems = IgnoreFile.parse(read(IGNORE_FILE) or "")
    found = list(problems)
    ignore_sources: list[IgnoreSource] = [IgnoredTokens(ignore_file, today)]
    for name in GITLEAKS_IGNORES:
        fingerprints, bad = GitleaksIgnore.parse(name, read(name) or "")
        ignore_sources.append(fingerprints)
        found += bad
    text = read(SECRETS_BASELINE)
    if text is not None:
        baseline, bad = SecretsBaseline.parse(SECRETS_BASELINE, text)
        ignore_sources.append(baseline)
        found += bad
    return ignore_file, tuple(ignore_sources), found


def _first(ignore_sources: Sequence[IgnoreSource], candidate: IgnoreCandidate) -> str | None:
    return next((by for source in ignore_sources if (by := source.ignored_by(candidate)) is not None), None)
