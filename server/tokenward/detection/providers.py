"""Rule id -> whose token it is, from providers.toml."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True, slots=True)
class Provider:
    """What is known of a rule's tokens without looking at one.

    Attributes:
        name: as a person writes it, such as `GitHub`.
        noun: what its values are called, such as `token`; empty where the name says it.
        variable: the environment variable that its tools read, or one made from the name.
        prefixes: openings of its tokens that are public and may be shown.
    """

    name: str
    noun: str
    variable: str
    prefixes: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """What a person calls one of its tokens, such as `GitHub token`."""
        return f"{self.name} {self.noun}".rstrip()

    def label(self, value: str) -> str:
        """What may be shown in place of a value: its public prefix, if any, and its length."""
        prefix = max((p for p in self.prefixes if value.startswith(p)), key=len, default="")
        opening = f"{prefix}…, " if prefix else ""
        return f"{opening}{len(value)} characters"


@cache
def provider_of(rule: str) -> Provider:
    """The provider of a rule, by the longest key of providers.toml that its id begins with."""
    rule_name = _without_namespace(rule)
    key = max((k for k in _table() if _begins(rule_name, k)), key=len, default=None)
    return _table()[key] if key else _made_up(rule_name)


def _without_namespace(rule: str) -> str:
    return re.sub(r"^(?:betterleaks\.|kingfisher\.|custom\.|veles\.secrets/)|\.\d+$", "", rule)


def _begins(rule_name: str, key: str) -> bool:
    return rule_name == key or rule_name.startswith(f"{key}-") or (len(key) > 3 and rule_name.startswith(key))


def _made_up(rule_name: str) -> Provider:
    word = re.split(r"[^A-Za-z0-9]", rule_name)[0] or "unknown"
    variable = re.sub(r"^(?=\d)", "_", word.upper())
    return Provider(word.capitalize(), "token", f"{variable}_TOKEN")


@cache
def _table() -> dict[str, Provider]:
    raw = tomllib.loads((files("tokenward.detection") / "providers.toml").read_text("utf-8"))
    return {key: _provider(row) for key, row in raw.items()}


def _provider(row: dict[str, object]) -> Provider:
    name = str(row["name"])
    variable = row.get("variable") or re.sub(r"\W+", "_", name).upper() + "_TOKEN"
    prefixes = row.get("prefixes", [])
    assert isinstance(prefixes, list)  # noqa: S101 - the file is ours and a test reads every row
    return Provider(name, str(row.get("noun", "token")), str(variable), tuple(prefixes))
