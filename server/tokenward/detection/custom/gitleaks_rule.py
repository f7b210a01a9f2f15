"""A rule of a `.gitleaks.toml`."""

from __future__ import annotations

from tokenward.detection.custom import toml_values
from tokenward.detection.custom.toml_values import TomlTable, UnusableValue
from tokenward.records import dataclass

_PASSED_ON = ("description", "path", "filter", "prefilter")


@dataclass(frozen=True, slots=True)
class GitleaksRule:
    """A rule of a file.

    Attributes:
        path: the file.
        line: the 0-based line of the rule.
        id: in gitleaks' spelling.
        regex: the pattern; None if the rule only extends one with the same id.
        regex_line: the 0-based line of the regex.
        secret_group: the group that captures the secret; 0 means the first that took part.
        entropy: a secret must have more.
        keywords: in lower case; one must be in the text.
        reported: its findings are shown.
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


def rule_of(
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
