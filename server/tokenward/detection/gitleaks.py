"""`.gitleaks.toml` and betterleaks' TOML: what the engine drops of them silently, read by us."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from tokenward.detection.allowlist import Allowlist
from tokenward.detection.problem import Problem
from tokenward.detection.silencing import short_rule
from tokenward.detection.toml_text import TomlText, parse_toml

MAX_DEPTH = 3
"""Files that may extend one another, the first included."""
_PASSED_ON = ("description", "path", "filter", "prefilter")
_TARGETS = ("secret", "match", "line")
_ALL = {"and": True, "&&": True, "or": False, "||": False, "": False}

Read = Callable[[str], "str | None"]
"""Gives the text of a file of the workspace by its relative path; None when there is none to be read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a file.

    Attributes:
        path: the file.
        line: 0-based, of the rule in it.
        id: as gitleaks writes it.
        regex: what it looks for; None when it only adds to a rule of the same id.
        regex_line: 0-based.
        secret_group: the group that holds the secret; 0 is the first that took part.
        entropy: a secret must have more than that.
        keywords: lower-case; one must be in the text.
        reported: its finds are shown.
        passed_on: what the engine understands by itself.
    """

    path: str
    line: int
    id: str
    regex: str | None
    regex_line: int
    secret_group: int = 0
    entropy: float = 0.0
    keywords: tuple[str, ...] = ()
    reported: bool = True
    passed_on: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GitleaksConfig:
    """A configuration with all that it extends.

    Attributes:
        rules: in order, each id once.
        allowlists: of all rules and of single ones.
        disabled: ids of rules, each with the place that disables it as `file:line`.
        problems: what has no effect.
    """

    rules: tuple[Rule, ...] = ()
    allowlists: tuple[Allowlist, ...] = ()
    disabled: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def parse_gitleaks(path: str, text: str, read: Read, depth: int = 1) -> GitleaksConfig:
    """The configuration in a text, with what it extends; a bad part disables only itself."""
    parsed = parse_toml(path, text)
    if isinstance(parsed, Problem):
        return GitleaksConfig(problems=(parsed,))
    file = _File(path, parsed)
    rules, allowlists = file.rules()
    own = GitleaksConfig(tuple(rules), (*allowlists, *file.allowlists()), tuple(file.disabled()))
    base_path = file.extended_path(depth)
    if base_path is None:
        return replace(own, problems=tuple(file.problems))
    base_text = read(base_path)
    if base_text is None:
        file.report(file.line_of("extend", "path"), "The file to extend is not there; correct `path`.")
        return replace(own, problems=tuple(file.problems))
    base = parse_gitleaks(base_path, base_text, read, depth + 1)
    return replace(_extended(base, own), problems=(*file.problems, *base.problems))


def _extended(base: GitleaksConfig, own: GitleaksConfig) -> GitleaksConfig:
    disabled = {name for name, _ in own.disabled}
    rules = {rule.id: rule for rule in base.rules if rule.id not in disabled}
    for rule in own.rules:
        rules[rule.id] = _over(rules[rule.id], rule) if rule.id in rules else rule
    return GitleaksConfig(
        tuple(rules.values()), (*base.allowlists, *own.allowlists), (*base.disabled, *own.disabled)
    )


def _over(base: Rule, own: Rule) -> Rule:
    return replace(
        own if own.regex is not None else base,
        secret_group=own.secret_group or base.secret_group,
        entropy=own.entropy or base.entropy,
        keywords=(*base.keywords, *own.keywords),
        reported=own.reported and base.reported,
        passed_on=tuple((dict(base.passed_on) | dict(own.passed_on)).items()),
    )


class _File:
    """One file while it is being read."""

    def __init__(self, path: str, toml: TomlText) -> None:
        self._path = path
        self._toml = toml
        self.problems: list[Problem] = []

    def report(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(self._path, line, sentence))

    def line_of(self, table: str, key: str) -> int:
        headers = self._toml.lines_of(f"[{table}]")
        return self._toml.line_of_key(key, headers[0]) if headers else 0

    def rules(self) -> tuple[list[Rule], list[Allowlist]]:
        lines = self._toml.lines_of("[[rules]]")
        rules: dict[str, Rule] = {}
        allowlists: list[Allowlist] = []
        for number, table in enumerate(self._tables(self._toml.table, "rules", 0)):
            line = lines[number] if number < len(lines) else 0
            rule = self._rule(table, line)
            if rule is not None:
                rules[rule.id] = rule
                allowlists += self._allowlists_in(table, [line], frozenset({rule.id}))
        return list(rules.values()), allowlists

    def allowlists(self) -> list[Allowlist]:
        lines = self._toml.lines_of("[allowlist]", "[[allowlists]]")
        return self._allowlists_in(self._toml.table, lines, None)

    def disabled(self) -> Iterator[tuple[str, str]]:
        extend = self._toml.table.get("extend")
        if isinstance(extend, Mapping):
            line = self.line_of("extend", "disabledRules")
            for name in self._words(extend, "disabledRules", line):
                yield short_rule(name), f"{self._path}:{line + 1}"

    def extended_path(self, depth: int) -> str | None:
        extend = self._toml.table.get("extend")
        given = extend.get("path") if isinstance(extend, Mapping) else None
        if given is None or given == "":
            return None
        line = self.line_of("extend", "path")
        parts = PurePosixPath(given).parts if isinstance(given, str) else ("..",)
        if ".." in parts or "/" in parts or "\\" in str(given) or ":" in str(given):
            self.report(line, "Only a file of the same workspace can be extended; give its relative path.")
            return None
        if depth >= MAX_DEPTH:
            self.report(line, f"Only {MAX_DEPTH} files can extend one another; put them together.")
            return None
        return "/".join(parts)

    def _rule(self, table: Mapping[str, Any], line: int) -> Rule | None:
        name, regex = table.get("id"), table.get("regex")
        group, entropy = table.get("secretGroup", 0), table.get("entropy", 0.0)
        if not isinstance(name, str) or not name or not name.isprintable():
            self.report(line, "The rule has no `id`, so it finds nothing; give it one.")
        elif not isinstance(regex, (str, type(None))):
            self.report(line, "The rule's `regex` is no text, so it finds nothing; write it in quotes.")
        elif not isinstance(group, int) or not isinstance(entropy, (int, float)) or group < 0:
            self.report(
                line, "`secretGroup` or `entropy` is no number, so the rule finds nothing; correct it."
            )
        elif regex is None and isinstance(table.get("path"), str):
            self.report(
                line, "The rule names only a path; Tokenward finds tokens, not files. Give it a `regex`."
            )
        else:
            return Rule(
                self._path,
                line,
                name,
                regex,
                self._toml.line_of_key("regex", line),
                group,
                float(entropy),
                tuple(word.lower() for word in self._words(table, "keywords", line)),
                table.get("skipReport") is not True,
                tuple((key, table[key]) for key in _PASSED_ON if isinstance(table.get(key), str)),
            )
        return None

    def _allowlists_in(
        self, table: Mapping[str, Any], lines: list[int], rules: frozenset[str] | None
    ) -> list[Allowlist]:
        first = lines[0] if lines else 0
        single = table.get("allowlist")
        tables = [single] if isinstance(single, Mapping) else []
        tables += self._tables(table, "allowlists", first)
        found = []
        for number, inner in enumerate(tables):
            line = lines[number] if number < len(lines) else first
            allowlist = self._allowlist(inner, line, rules)
            if allowlist is not None:
                found.append(allowlist)
        return found

    def _allowlist(
        self, table: Mapping[str, Any], line: int, rules: frozenset[str] | None
    ) -> Allowlist | None:
        named = frozenset(short_rule(name) for name in self._words(table, "targetRules", line))
        target = table.get("regexTarget") or "secret"
        condition = _ALL.get(str(table.get("condition", "")).lower())
        if target not in _TARGETS or condition is None:
            self.report(
                line, "`regexTarget` or `condition` is unknown, so the allowlist allows nothing; correct it."
            )
            return None
        allowlist = Allowlist(
            self._path,
            line,
            rules or named or None,
            frozenset(commit.lower() for commit in self._words(table, "commits", line)),
            self._words(table, "paths", line),
            self._words(table, "regexes", line),
            target,
            tuple(word.lower() for word in self._words(table, "stopwords", line) if word),
            condition,
        )
        if not (allowlist.commits or allowlist.paths or allowlist.regexes or allowlist.stopwords):
            self.report(line, "The allowlist is empty; give it commits, paths, regexes or stopwords.")
            return None
        return allowlist

    def _tables(self, table: Mapping[str, Any], key: str, line: int) -> list[Mapping[str, Any]]:
        given = table.get(key, [])
        if isinstance(given, list) and all(isinstance(item, Mapping) for item in given):
            return given
        self.report(line, f"`{key}` is no list of tables and has no effect; write it as `[[{key}]]`.")
        return []

    def _words(self, table: Mapping[str, Any], key: str, line: int) -> tuple[str, ...]:
        given = table.get(key, [])
        if isinstance(given, list) and all(isinstance(item, str) for item in given):
            return tuple(given)
        self.report(line, f"`{key}` is no list of texts and has no effect; write it as one.")
        return ()
