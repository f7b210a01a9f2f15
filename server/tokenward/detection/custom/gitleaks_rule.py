"""One rule of a `.gitleaks.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.detection.custom import toml_values
from tokenward.detection.custom.toml_values import TomlTable, UnusableValue

_PASSED_ON = ("description", "path", "filter", "prefilter")


@dataclass(frozen=True, slots=True)
class GitleaksRule:
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


def rule_of(
    table: TomlTable, path: str, line: int, regex_line: int, keywords: tuple[str, ...]
) -> GitleaksRule:
    """Parse the rule in a table.

    Raises:
        UnusableValue: it cannot find anything.
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
