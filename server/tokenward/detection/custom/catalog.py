"""Custom rules, compiled into a separate scanner so that the engine's catalog stays cached.

The engine is imported when it is first needed, as in engine.py.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.detection.suppress.regex_set import MAX_PATTERN_CHARACTERS
from tokenward.detection.suppress.suppressor import CUSTOM
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Problem

if TYPE_CHECKING:
    from kingfisher_sdk.scanner import Scanner

    from tokenward.detection.custom.gitleaks import GitleaksRule

MAX_CHARACTERS = 1_000_000
MOST_OPEN = 2_000
"""Brackets that may be open at once, including those in regexes."""
_BRACKET = re.compile(r"[][{}]")
_ID = re.compile(r"""[ -]*id:[ \t]*["']?([^\s"'#]+)""")
_BAD_REGEX = (
    "The rule's regex cannot be used, so the rule finds nothing; write it without look-around and back"
    " references, and so that it does not match an empty text."
)
_BAD_RULE = "The rule is not understood and finds nothing; check its `name`, `id` and `pattern`."
_REPEATED = "An earlier rule has the same `id`, so this one finds nothing; give it another."
_BAD_FILE = "The rules of this file cannot be used; write them as a list below `rules:`."


@dataclass(frozen=True, slots=True)
class CustomRules:
    """The rules of a user or a trusted workspace, ready to scan.

    Attributes:
        scanner: finds what they match; None without rules.
        conditions: rules with conditions that the engine does not support, by full id.
    """

    scanner: Scanner | None = None
    conditions: Mapping[str, GitleaksRule] = field(default_factory=dict)

    def acceptance(self, text: str) -> Callable[[str, str], bool]:
        """Return a function that checks whether a rule's match in a text has the required entropy and keywords."""

        @cache
        def lowered() -> str:
            return text.lower()

        @cache
        def has_keyword(rule_id: str) -> bool:
            words = self.conditions[rule_id].keywords
            return not words or any(word in lowered() for word in words)

        def accepts(rule_id: str, value: str) -> bool:
            rule = self.conditions.get(rule_id)
            if rule is None:
                return True
            return (not rule.entropy or entropy(value) > rule.entropy) and has_keyword(rule_id)

        return accepts


@dataclass(frozen=True, slots=True)
class _Source:
    """A text for the engine, and the Problem to report if the engine refuses it.

    Attributes:
        ids: the full ids of its rules, with their lines.
        rule: the gitleaks rule that it was made from, if any.
    """

    suffix: str
    text: str
    problem: Problem
    ids: Mapping[str, int] = field(default_factory=dict)
    rule: GitleaksRule | None = None


def compile_rules(
    files: Mapping[str, str | Sequence[GitleaksRule]], cache_folder: Path
) -> tuple[CustomRules, tuple[Problem, ...]]:
    """Compile rules; a bad rule becomes a Problem at its line and disables only itself.

    Args:
        files: texts of Kingfisher rule files, and rules of gitleaks files, by the path for a Problem; of rules
        with the same id, the first counts.
        cache_folder: a folder for compiled rules, private to the user.
    """
    problems: list[Problem] = []
    found: list[_Source] = []
    for path, content in files.items():
        if isinstance(content, str):
            found += _yaml_sources(path, content, cache_folder, problems)
        else:
            found += _toml_sources(content, problems)
    sources = _first_of_each_id(found, problems)
    if not sources:
        return CustomRules(), tuple(problems)
    scanner = _scanner_or_refusal(sources, cache_folder)
    if isinstance(scanner, str):
        answers = [(source, _scanner_or_refusal([source], None)) for source in sources]
        problems += [_problem(source, answer) for source, answer in answers if isinstance(answer, str)]
        sources = [source for source, answer in answers if not isinstance(answer, str)]
        scanner = _scanner_or_refusal(sources, cache_folder)
    if isinstance(scanner, str):
        problems += [source.problem for source in sources]
        return CustomRules(), tuple(problems)
    conditions = {_full_id(source.rule): source.rule for source in sources if source.rule is not None}
    return CustomRules(scanner, conditions), tuple(problems)


def entropy(text: str) -> float:
    """Return Shannon's entropy in bits per character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0


def _yaml_sources(path: str, text: str, cache_folder: Path, problems: list[Problem]) -> list[_Source]:
    """Return the file if the engine accepts it, or else those of its rules that the engine accepts one by one."""
    if len(text) > MAX_CHARACTERS:
        sentence = f"The file is longer than {MAX_CHARACTERS:,} characters; shorten it."
        problems.append(Problem(path, 0, sentence))
        return []
    if _nests_too_deeply(text):
        problems.append(Problem(path, 0, _BAD_FILE))
        return []
    file = _Source(".yml", text, Problem(path, 0, _BAD_FILE))
    scanner = _scanner_or_refusal([file], cache_folder)
    if not isinstance(scanner, str):
        lines = _lines_of_ids(text)
        return [replace(file, ids={name: lines.get(name, 0) for name in _ids(scanner)})]
    usable, bad = [], []
    for line, item in split_rules(text):
        source = _Source(".yml", f"rules:\n{item}", Problem(path, line, _BAD_RULE))
        scanner = _scanner_or_refusal([source], None)
        if isinstance(scanner, str):
            bad.append(_problem(source, scanner))
        else:
            usable.append(replace(source, ids=dict.fromkeys(_ids(scanner), line)))
    problems += bad or [file.problem]
    return usable if bad else []


def _toml_sources(rules: Sequence[GitleaksRule], problems: list[Problem]) -> Iterator[_Source]:
    for rule in rules:
        if rule.regex is None or not rule.reported:
            continue
        problem = Problem(rule.path, rule.regex_line, _BAD_REGEX)
        if len(rule.regex) > MAX_PATTERN_CHARACTERS:
            problems.append(problem)
        else:
            yield _Source(".toml", _toml(rule), problem, {_full_id(rule): rule.line}, rule)


def _first_of_each_id(sources: Iterable[_Source], problems: list[Problem]) -> list[_Source]:
    """Return the sources except those that only repeat ids; `_scanner` resolves partial repetition."""
    known_ids: set[str] = set()
    known: set[object] = set()
    unique = []
    for source in sources:
        content = source.text, source.rule and (source.rule.entropy, source.rule.keywords)
        repeated = source.ids.keys() & known_ids
        if len(repeated) < len(source.ids):
            unique.append(source)
        # The same rule twice, such as in the files of two scanners, does no harm.
        if content not in known:
            lines = sorted(source.ids[name] for name in repeated)
            problems += [replace(source.problem, line=line, sentence=_REPEATED) for line in lines]
        known.add(content)
        known_ids |= source.ids.keys()
    return unique


def _problem(source: _Source, refusal: str) -> Problem:
    is_regex = "regex" in refusal.lower() or "vectorscan" in refusal.lower()
    return replace(source.problem, sentence=_BAD_REGEX if is_regex else source.problem.sentence)


def _scanner_or_refusal(sources: Sequence[_Source], cache_folder: Path | None) -> Scanner | str:
    """Return a scanner, or the engine's objection, which may quote the source and must not be shown."""
    try:
        return _scanner(sources, cache_folder)
    except (RuntimeError, ValueError) as error:
        return str(error)


def _ids(scanner: Scanner) -> list[str]:
    return [str(rule["id"]) for rule in scanner.rules.metadata()]


def _scanner(sources: Sequence[_Source], cache_folder: Path | None) -> Scanner:
    import tempfile

    from kingfisher_sdk.rules import Rules
    from kingfisher_sdk.scanner import DetectionPolicy, Scanner

    with tempfile.TemporaryDirectory(prefix="tokenward-") as folder:
        paths = [Path(folder) / f"{number}{source.suffix}" for number, source in enumerate(sources)]
        for path, source in zip(paths, sources, strict=True):
            path.write_bytes(source.text.encode("utf-8", "replace"))
        # Of rules with the same id, the engine uses the last.
        paths.reverse()
        is_cached = cache_folder is not None
        rules = Rules(paths, builtins=False, confidence="low", cache=is_cached, cache_dir=cache_folder)
        return Scanner(rules, policy=DetectionPolicy(inline_ignores=False))


def _toml(rule: GitleaksRule) -> str:
    fields: dict[str, str] = {"description": rule.id, **dict(rule.passed_on)}
    fields |= {"id": rule.id, "regex": rule.regex or ""}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in fields.items()]
    # Unlike JSON, TOML requires DEL to be escaped.
    return "".join(["[[rules]]\n", *lines, f"secretGroup = {rule.secret_group}\n"]).replace("\x7f", "\\u007f")


def _full_id(rule: GitleaksRule) -> str:
    return CUSTOM + rule.id.removeprefix(CUSTOM)


def split_rules(text: str) -> list[tuple[int, str]]:
    """Return the items of the list `rules:`, each with its 0-based line; none if it is not written as a block."""
    lines = text.replace("\r\n", "\n").split("\n")
    start = next((n for n, line in enumerate(lines) if _content(line) == "rules:"), len(lines))
    first = next((n for n in range(start + 1, len(lines)) if _content(lines[n])), len(lines))
    if first == len(lines) or not lines[first].lstrip(" ").startswith("- "):
        return []
    indent = _indent(lines[first])
    end = next((n for n in range(first, len(lines)) if _ends(lines[n], indent)), len(lines))
    marker = " " * indent + "- "
    starts = [n for n in range(first, end) if lines[n].startswith(marker)]
    ends = [*starts[1:], end]
    return [(a, "\n".join(lines[a:b]) + "\n") for a, b in zip(starts, ends, strict=True)]


def _nests_too_deeply(text: str) -> bool:
    """Return whether so many brackets are open at once that the engine's parser would take quadratic time."""
    steps = (1 if bracket in "[{" else -1 for bracket in _BRACKET.findall(text))
    return max(accumulate(steps), default=0) > MOST_OPEN


def _lines_of_ids(text: str) -> dict[str, int]:
    """Return the lines of plainly written rule ids."""
    found = ((number, _ID.match(line)) for number, line in enumerate(text.split("\n")))
    return {match[1]: number for number, match in found if match is not None}


def _content(line: str) -> str:
    return "" if line.lstrip().startswith("#") else line.partition(" #")[0].rstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _ends(line: str, indent: int) -> bool:
    """Return whether a line is the first one after the list."""
    own = _indent(line)
    return bool(_content(line)) and (own < indent or (own == indent and not line[own:].startswith("- ")))
