"""Reads the parts of `.gitleaks.toml` and betterleaks' TOML that the engine drops silently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from tokenward.detection.custom import toml_values
from tokenward.detection.custom.toml_values import TomlTable, TomlText, UnusableValue, parse_toml
from tokenward.detection.suppress.allowlist import Allowlist
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Problem

MAX_DEPTH = 3
"""The most files that may extend one another, including the first."""
_TARGETS = ("secret", "match", "line")
_ALL = {"and": True, "&&": True, "or": False, "||": False, "": False}

_PASSED_ON = ("description", "path", "filter", "prefilter")

ReadText = Callable[[str], "str | None"]
"""Returns the text of a workspace file by its relative path; None if it cannot be read."""


@dataclass(frozen=True, slots=True)
class GitleaksRule:
    """A rule of a file.

    Attributes:
        line: the 0-based line of the rule.
        id: in gitleaks' spelling.
        regex: the pattern; None if the rule only extends one with the same id.
        secret_group: the group that captures the secret; 0 means the first that took part.
        entropy: a secret must have more.
        keywords: in lower case; one must be in the text.
        passed_on: the parts that the engine understands by itself.
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
    """A configuration with everything that it extends.

    Attributes:
        rules: in order, each id once.
        disabled: ids of rules, each with the `file:line` that disables it.
        problems: the parts that have no effect.
    """

    rules: tuple[GitleaksRule, ...] = ()
    allowlists: tuple[Allowlist, ...] = ()
    disabled: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def parse_gitleaks(path: str, text: str, read: ReadText, depth: int = 1) -> GitleaksConfig:
    """Parse a configuration and the files that it extends; a bad part disables only itself."""
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
        file.report(file.line_of_extend("path"), "The file to extend does not exist; correct `path`.")
        return replace(own, problems=tuple(file.problems))
    base = parse_gitleaks(base_path, base_text, read, depth + 1)
    disabled = {name for name, _ in own.disabled}
    merged = {rule.id: rule for rule in base.rules if rule.id not in disabled}
    for rule in own.rules:
        merged[rule.id] = _merged_rule(merged[rule.id], rule) if rule.id in merged else rule
    return GitleaksConfig(
        tuple(merged.values()),
        (*base.allowlists, *own.allowlists),
        (*base.disabled, *own.disabled),
        (*file.problems, *base.problems),
    )


def _merged_rule(base: GitleaksRule, own: GitleaksRule) -> GitleaksRule:
    return replace(
        own if own.regex is not None else base,
        secret_group=own.secret_group or base.secret_group,
        entropy=own.entropy or base.entropy,
        keywords=(*base.keywords, *own.keywords),
        reported=own.reported and base.reported,
        passed_on=tuple((dict(base.passed_on) | dict(own.passed_on)).items()),
    )


class _File:
    """A file while it is being read."""

    def __init__(self, path: str, toml: TomlText) -> None:
        self._path = path
        self._toml = toml
        self.problems: list[Problem] = []

    def report(self, line: int, sentence: str) -> None:
        self.problems.append(Problem(self._path, line, sentence))

    def line_of_extend(self, key: str) -> int:
        headers = self._toml.lines_of("[extend]")
        return self._toml.line_of_key(key, headers[0]) if headers else 0

    def rules(self) -> tuple[list[GitleaksRule], list[Allowlist]]:
        lines = self._toml.lines_of("[[rules]]")
        rules: dict[str, GitleaksRule] = {}
        allowlists: list[Allowlist] = []
        for number, table in enumerate(self._tables(self._toml.table, "rules", 0)):
            # Inline tables in a list have no headers, so they are not searched for.
            line = lines[number] if number < len(lines) else None
            rule = self._rule(table, line)
            if rule is not None:
                rules[rule.id] = rule
                allowlists += self._allowlists_in(table, [rule.line], frozenset({rule.id}))
        return list(rules.values()), allowlists

    def allowlists(self) -> list[Allowlist]:
        lines = self._toml.lines_of("[allowlist]", "[[allowlists]]")
        return self._allowlists_in(self._toml.table, lines, None)

    def disabled(self) -> Iterator[tuple[str, str]]:
        extend = toml_values.value(self._toml.table, "extend")
        if isinstance(extend, Mapping):
            line = self.line_of_extend("disabledRules")
            for name in self._words(extend, "disabledRules", line):
                yield short_rule(name), f"{self._path}:{line + 1}"

    def extended_path(self, depth: int) -> str | None:
        extend = toml_values.value(self._toml.table, "extend")
        given = toml_values.value(extend, "path") if isinstance(extend, Mapping) else None
        if given is None or given == "":
            return None
        line = self.line_of_extend("path")
        parts = PurePosixPath(given).parts if isinstance(given, str) and given.isprintable() else ("..",)
        if ".." in parts or "/" in parts or "\\" in str(given) or ":" in str(given):
            self.report(line, "Only a file in the same workspace can be extended; give its relative path.")
            return None
        if depth >= MAX_DEPTH:
            self.report(line, f"Only {MAX_DEPTH} files can extend one another; merge them.")
            return None
        return "/".join(parts)

    def _rule(self, table: TomlTable, header: int | None) -> GitleaksRule | None:
        line = header or 0
        regex_line = line if header is None else self._toml.line_of_key("regex", header)
        try:
            return _rule_of(table, self._path, line, regex_line, self._words(table, "keywords", line))
        except UnusableValue as why:
            self.report(line, f"{why}, so the rule finds nothing; correct it.")
            return None

    def _allowlists_in(
        self, table: TomlTable, lines: list[int], rules: frozenset[str] | None
    ) -> list[Allowlist]:
        first = lines[0] if lines else 0
        single = toml_values.value(table, "allowlist")
        given = [single] if isinstance(single, Mapping) else []
        given += self._tables(table, "allowlists", first)
        found = []
        for number, inner in enumerate(given):
            line = lines[number] if number < len(lines) else first
            allowlist = self._allowlist(inner, line, rules)
            if allowlist is not None:
                found.append(allowlist)
        return found

    def _allowlist(self, table: TomlTable, line: int, rules: frozenset[str] | None) -> Allowlist | None:
        # An unknown key may narrow the allowlist, so the whole allowlist is dropped.
        try:
            named = frozenset(map(short_rule, toml_values.texts(table, "targetRules")))
            target = toml_values.text(table, "regexTarget") or "secret"
            if target not in _TARGETS:
                raise UnusableValue("`regexTarget` is not `secret`, `match` or `line`")  # noqa: TRY301
            needs_all = _ALL.get((toml_values.text(table, "condition") or "").lower())
            if needs_all is None:
                raise UnusableValue("`condition` is neither `AND` nor `OR`")  # noqa: TRY301
            allowlist = Allowlist(
                self._path,
                line,
                rules or named or None,
                frozenset(commit.lower() for commit in toml_values.texts(table, "commits")),
                toml_values.texts(table, "paths"),
                toml_values.texts(table, "regexes"),
                target,
                tuple(word.lower() for word in toml_values.texts(table, "stopwords") if word),
                needs_all,
            )
        except UnusableValue as why:
            self.report(line, f"{why}, so the allowlist allows nothing; correct it.")
            return None
        if not (allowlist.commits or allowlist.paths or allowlist.regexes or allowlist.stopwords):
            self.report(line, "The allowlist is empty; give it commits, paths, regexes or stopwords.")
            return None
        return allowlist

    def _tables(self, table: TomlTable, key: str, line: int) -> list[TomlTable]:
        try:
            return toml_values.tables(table, key)
        except UnusableValue as why:
            self.report(line, f"{why} and has no effect; write it as `[[{key}]]`.")
            return []

    def _words(self, table: TomlTable, key: str, line: int) -> tuple[str, ...]:
        try:
            return toml_values.texts(table, key)
        except UnusableValue as why:
            self.report(line, f"{why} and has no effect; write it as one.")
            return ()


def _rule_of(
    table: TomlTable, path: str, line: int, regex_line: int, keywords: tuple[str, ...]
) -> GitleaksRule:
    """Parse a rule from a table.

    Raises:
        UnusableValue: the rule cannot find anything.
    """
    name = toml_values.text(table, "id")
    if not name or not name.isprintable():
        raise UnusableValue("There is no `id`")
    regex = toml_values.text(table, "regex")
    if regex is None and toml_values.value(table, "path") is not None:
        raise UnusableValue("Tokenward finds tokens, not files, and there is only a `path`")
    return GitleaksRule(
        path,
        line,
        name,
        regex,
        regex_line,
        toml_values.group(table, "secretGroup"),
        toml_values.entropy(table, "entropy"),
        tuple(word.lower() for word in keywords),
        toml_values.value(table, "skipReport") is not True,
        tuple((key, given) for key in _PASSED_ON if isinstance(given := toml_values.value(table, key), str)),
    )
