"""Screen: finds the matches in a text by the few rules whose needs the text meets.

To load all rules takes 0.4 s; most texts need none of them, or a few of 0.5 ms each.
"""
# ruff: noqa: PLC0415 - the engine is imported when it is first needed, as in engine.py

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tokenward.detection.catalog import table_of, whole_rule
from tokenward.detection.catalog_quirks import ANY_PATH, SECRET_COMPANIONS, family, shown_matches
from tokenward.detection.encoded import BASE64_DEPTH, decoded_texts
from tokenward.detection.rules.engine_scan import source_of
from tokenward.detection.rules.own_rules import OURS, scanner_of
from tokenward.safe_files import is_own, read_own, replace_private

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match
    from kingfisher_sdk.scanner import Scanner

_KEPT = ("id", "name", "pattern", "confidence", "min_entropy", "betterleaks_secret_group")
"""What a rule is matched by; without the rest it matches more often."""
_FAMILIES = frozenset(map(family, SECRET_COMPANIONS))
"""Of rules whose matches are shown because of others."""
_LARGEST_TABLE = 4_000_000
MOST_NEW = 2
"""Rules that a process compiles by themselves, 0.1 s each; a text that needs more of them needs all rules."""
_DROPPED = {"betterleaks.heroku-api-key-v2"}
"""Rules whose matches the engine drops where another rule has the same."""
_NEVER_MATTER = (
    *("authoritative", "vectorscan_compatible", "visible", "examples", "negative_examples", "references"),
    *("validation", "revocation", "tls_mode", "detection_regex"),
)
"""What does not change where a rule matches."""
_KEPT_END, _WANTED = ".rule.yml", ".wanted.yml"
_ALONE, _IN_CATALOG, _WITH_OTHERS = range(3)
"""Where the whole of a rule is: in what is kept of it, in the catalog's file, or in all rules together."""


class NeedsOthers(ValueError):
    """Where a rule matches depends on other rules."""


class Screen:
    """The needs of all rules, and the rules that were needed so far."""

    def __init__(self, rules_cache: Path, identity: str, most_new: int = MOST_NEW) -> None:
        """Read the needs that `write_screen` has written.

        Args:
            rules_cache: the folder for compiled rules.
            identity: of the rules.
            most_new: the rules that may be compiled by themselves.

        Raises:
            OSError, ValueError: they are missing, or others can write to them.
        """
        folder = rules_cache.lstat()
        if not is_own(folder) or (os.name != "nt" and folder.st_mode & 0o022):
            raise PermissionError
        self._folder = rules_cache
        self._identity = identity
        table = json.loads(read_own(table_of(rules_cache, identity), _LARGEST_TABLE))
        self._rules: list[list[Any]] = table["rules"]
        self._runs = [re.compile(f"[{kind}]+".encode("latin-1")) for kind in table["kinds"]]
        self._scanners: dict[str, Any] = {}
        self._whole: dict[str, Scanner] = {}
        self._may_be_new = most_new

    def matches(self, data: bytes, *, is_named: bool) -> Iterator[Match]:
        """Yield the matches of rules in a UTF-8 text; more than those of all rules together, and in no order.

        Args:
            data: the text.
            is_named: include the rules for files with certain names.

        Raises:
            OSError, RuntimeError, ValueError: a rule cannot be loaded from the folder.
        """
        data = data.replace(b"\0", b"\1")
        needed = dict(self._needed(_searched(data), is_named=is_named))
        self._require(needed)
        for file in needed:
            if file not in self._scanners:
                self._scanners[file] = self._load(file)
            yield from self._scanners[file].scan_input(data, "text")

    def whole_matches(self, data: bytes, rules: Iterable[str]) -> Iterator[tuple[Scanner, list[Match]]]:
        """Yield a scanner for each of some rules, with the matches that all rules together have by it.

        Raises:
            OSError, RuntimeError, ValueError: that cannot be said without the others.
        """
        source = source_of(data, ANY_PATH)
        for rule in sorted(rules):
            if rule not in self._whole:
                self._whole[rule] = self._load_whole(rule)
            scanner = self._whole[rule]
            yield scanner, shown_matches(scanner.scan_input(source))

    def _needed(self, searched: bytes, *, is_named: bool) -> Iterator[tuple[str, str]]:
        longest = [max(map(len, run.findall(searched)), default=0) for run in self._runs]
        for file, for_named, kind, run, literals, rule, *_ in self._rules:
            is_here = longest[kind] >= run and (is_named or not for_named)
            if is_here and (not literals or any(one.encode("latin-1") in searched for one in literals)):
                yield file, rule

    def _require(self, texts: Mapping[str, str]) -> None:
        """Write the files of rules.

        Raises:
            FileNotFoundError: too many are new; they are left to `compile_wanted`.
        """
        new = {file: text for file, text in texts.items() if not (self._folder / file).exists()}
        is_much = len(new) > self._may_be_new
        self._may_be_new -= 0 if is_much else len(new)
        for file, text in new.items():
            name = file.removesuffix(_KEPT_END) + _WANTED if is_much else file
            replace_private(self._folder / name, text.encode(), durable=False)
        if is_much:
            raise FileNotFoundError

    def _load(self, file: str) -> Any:
        from kingfisher_sdk import _native

        rules = _native.Rules([str(self._folder / file)], False, "low", cache_dir=str(self._folder))
        if rules.cache_status == "bypassed":
            raise OSError
        return _native.Scanner(rules, True, False, False, None, policy=_POLICY)

    def _load_whole(self, rule: str) -> Scanner:
        import hashlib

        (row,) = [row for row in self._rules if f'"id": {json.dumps(rule)},' in row[5]]
        file, where = row[0], row[6]
        if where == _WITH_OTHERS:
            raise NeedsOthers
        if where == _IN_CATALOG:
            text = whole_rule(self._folder, self._identity, rule)
            file = f"{hashlib.sha256(text.encode()).hexdigest()[:32]}{_KEPT_END}"
            self._require({file: text})
        return scanner_of([self._folder / file], self._folder, decodes=not rule.startswith(OURS))


def compile_wanted(rules_cache: Path, most: int) -> None:
    """Compile rules by themselves that a text needed, for later processes.

    Raises:
        OSError, RuntimeError, ValueError: one cannot be compiled, or another process has it.
    """
    from kingfisher_sdk import _native

    wanted = (name for name in os.listdir(rules_cache) if name.endswith(_WANTED))  # noqa: PTH208 - a glob takes longer
    for file in islice(map(rules_cache.joinpath, wanted), most):
        name = file.name.removesuffix(_WANTED)
        # No other process compiles it, too, and one that fails is not tried again.
        claimed = file.replace(file.with_name(f"{name}.claimed.yml"))
        _native.Rules([str(claimed)], False, "low", cache_dir=str(rules_cache))
        claimed.replace(file.with_name(name + _KEPT_END))


_POLICY: Any = SimpleNamespace(
    inline_ignores=False,
    ignore_comments=(),
    markup_context=True,
    language=None,
    cli_match_semantics=False,
    base64_max_depth=BASE64_DEPTH,
    base64_max_input_bytes=None,
)
"""The same as of the catalog; the engine's class for it loads slowly."""


def write_screen(
    rules_cache: Path, identity: str, rules: Iterable[dict[str, Any]], named: Iterable[dict[str, Any]]
) -> None:
    """Write the needs of all rules, and of those for files with certain names, for the next start.

    Raises:
        OSError: they cannot be written.
    """
    import hashlib

    from tokenward.detection.needed_text import KINDS, need_of

    rows = []
    for is_named, rule in [*((False, one) for one in rules), *((True, one) for one in named)]:
        need = need_of(rule["pattern"])
        kept = json.dumps({"rules": [{key: rule[key] for key in _KEPT if rule.get(key) is not None}]})
        file = f"{hashlib.sha256(kept.encode()).hexdigest()[:32]}{_KEPT_END}"
        rows.append([file, is_named, need.kind, need.run, sorted(need.literals), kept, _where(rule)])
    table = json.dumps({"kinds": KINDS, "rules": rows}).encode()
    replace_private(table_of(rules_cache, identity), table, durable=False)


def _where(rule: Mapping[str, Any]) -> int:
    rest = {key for key, value in rule.items() if value not in (None, [], False)} - {*_KEPT, *_NEVER_MATTER}
    if rest & {"depends_on_rule", "path"} or rule["id"] in _DROPPED or family(rule["id"]) in _FAMILIES:
        return _WITH_OTHERS
    return _IN_CATALOG if rest else _ALONE


def _searched(data: bytes) -> bytes:
    """Return a text with all that the engine decodes in it, in lower case; other scripts are marked as such."""
    layers = [data]
    for _ in range(BASE64_DEPTH):
        layers.append(b" ".join(decoded_texts(layers[-1])))
    searched = b" ".join(layers)
    folded = searched.lower()
    # These are equal to letters of ASCII whatever their case.
    other = folded.replace("\u212a".encode(), b"k").replace("\u017f".encode(), b"s") + b"\x80"
    return folded if folded.isascii() else other
