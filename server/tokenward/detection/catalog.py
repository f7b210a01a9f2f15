"""Custom rules, compiled into a scanner of their own, so that the engine's catalog stays in its cache.

The engine is imported when it is first needed, as in engine.py.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.detection.gitleaks import Rule
from tokenward.detection.patterns import MAX_PATTERN_CHARACTERS
from tokenward.detection.problem import Problem
from tokenward.detection.yaml_rules import split_rules

if TYPE_CHECKING:
    from kingfisher_sdk import Scanner

MAX_CHARACTERS = 1_000_000
_BAD_REGEX = (
    "The rule's regex cannot be used, so the rule finds nothing; write it without look-around and back"
    " references, and so that it does not match an empty text."
)
_BAD_RULE = (
    "The rule is not understood and finds nothing; see to its `name`, `id`, `pattern` and their spelling."
)
_BAD_FILE = "The rules of this file cannot be used; write them as a list below `rules:`."


@dataclass(frozen=True, slots=True)
class CustomRules:
    """The rules of a user or a trusted workspace, ready to scan.

    Attributes:
        scanner: finds what they match; None when there are none.
        conditions: what the engine does not heed of a rule, by the rule's full id.
    """

    scanner: Scanner | None = None
    conditions: Mapping[str, Rule] = field(default_factory=dict)

    def accepts(self, rule_id: str, value: str, text: str) -> bool:
        """Whether a match has the entropy, and its text the keywords, that its rule asks for."""
        rule = self.conditions.get(rule_id)
        if rule is None:
            return True
        if rule.entropy and entropy(value) <= rule.entropy:
            return False
        return not rule.keywords or any(word in text.lower() for word in rule.keywords)


@dataclass(frozen=True, slots=True)
class _Source:
    """What the engine reads, and where a Problem of it belongs."""

    suffix: str
    text: str
    problem: Problem


def compile_rules(
    yaml_files: Mapping[str, str], rules: Sequence[Rule], cache: Path
) -> tuple[CustomRules, tuple[Problem, ...]]:
    """Compile rules; a bad one is a Problem at its line and disables only itself.

    Args:
        yaml_files: texts of Kingfisher rule files, by the path that a Problem names.
        rules: rules of gitleaks files.
        cache: a folder, private to the user, for what was compiled.
    """
    problems: list[Problem] = []
    wanted = _yaml_sources(yaml_files, problems) + _toml_sources(rules, problems)
    scanner = _scanner_or_none(wanted, cache)
    if wanted and scanner is None:
        usable = [part for source in wanted for part in _usable_parts(source, problems)]
        scanner = _scanner_or_none(usable, cache)
        if usable and scanner is None:
            problems += [source.problem for source in usable]
    conditions = {_full_id(rule): rule for rule in rules if rule.regex is not None}
    return CustomRules(scanner, conditions), tuple(problems)


def entropy(text: str) -> float:
    """Shannon's entropy in bits a character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0


def _yaml_sources(files: Mapping[str, str], problems: list[Problem]) -> list[_Source]:
    sentence = f"The file is longer than {MAX_CHARACTERS:,} characters; shorten it."
    problems += [Problem(path, 0, sentence) for path, text in files.items() if len(text) > MAX_CHARACTERS]
    return [
        _Source(".yml", text, Problem(path, 0, _BAD_FILE))
        for path, text in files.items()
        if len(text) <= MAX_CHARACTERS
    ]


def _toml_sources(rules: Sequence[Rule], problems: list[Problem]) -> list[_Source]:
    sources = []
    for rule in rules:
        if rule.regex is None or not rule.reported:
            continue
        problem = Problem(rule.path, rule.regex_line, _BAD_REGEX)
        if len(rule.regex) > MAX_PATTERN_CHARACTERS:
            problems.append(problem)
        else:
            sources.append(_Source(".toml", _toml(rule), problem))
    return sources


def _usable_parts(source: _Source, problems: list[Problem]) -> list[_Source]:
    """A source that the engine takes, or those of its rules that it takes one by one."""
    if _refusal(source) is None:
        return [source]
    path = source.problem.path
    items = split_rules(source.text) if source.suffix == ".yml" else ()
    single = [_Source(".yml", f"rules:\n{i.text}", Problem(path, i.line, _BAD_RULE)) for i in items]
    refusals = [_refusal(item) for item in single]
    bad = [_problem(item, why) for item, why in zip(single, refusals, strict=True) if why is not None]
    problems += bad or [source.problem]
    return [item for item, why in zip(single, refusals, strict=True) if why is None] if bad else []


def _problem(source: _Source, refusal: str) -> Problem:
    is_regex = "regex" in refusal.lower() or "vectorscan" in refusal.lower()
    return replace(source.problem, sentence=_BAD_REGEX if is_regex else source.problem.sentence)


def _refusal(source: _Source) -> str | None:
    """What the engine has against a source. It may repeat what stands there, so it is not shown."""
    try:
        _scanner([source], None)
    except (RuntimeError, ValueError) as error:
        return str(error)
    return None


def _scanner_or_none(sources: Sequence[_Source], cache: Path) -> Scanner | None:
    try:
        return _scanner(sources, cache) if sources else None
    except (RuntimeError, ValueError):
        return None


def _scanner(sources: Sequence[_Source], cache: Path | None) -> Scanner:
    from kingfisher_sdk import DetectionPolicy, Rules, Scanner

    with tempfile.TemporaryDirectory(prefix="tokenward-") as folder:
        paths = [Path(folder) / f"{number}{source.suffix}" for number, source in enumerate(sources)]
        for path, source in zip(paths, sources, strict=True):
            path.write_bytes(source.text.encode("utf-8", "replace"))
        rules = Rules(paths, builtins=False, confidence="low", cache=cache is not None, cache_dir=cache)
        return Scanner(rules, policy=DetectionPolicy(inline_ignores=False))


def _toml(rule: Rule) -> str:
    fields: dict[str, str] = {"description": rule.id, **dict(rule.passed_on)}
    fields |= {"id": rule.id, "regex": rule.regex or ""}
    lines = [f"{key} = {_quoted(value)}\n" for key, value in fields.items()]
    return "".join(["[[rules]]\n", *lines, f"secretGroup = {rule.secret_group}\n"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _full_id(rule: Rule) -> str:
    return rule.id if rule.id.startswith("custom.") else f"custom.{rule.id}"
