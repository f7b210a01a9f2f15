"""The engine's catalog of rules, from files that load faster than the engine's own copy, and the compiled rules.

The engine compiles the conditions of its rules whenever it loads them, which takes longer than all the rest. Almost no
text needs them, so texts are scanned without them until one may hold a token. A package
brings rules compiled; a user's own are kept in a private cache.
"""

# ruff: noqa: PLC0415 - the engine is imported when it is first needed, as in engine.py

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from tokenward.detection.catalog_quirks import OVERRIDES, shown_matches
from tokenward.detection.encoded import BASE64_DEPTH, has_encoded_text
from tokenward.detection.rules.engine_scan import Limits
from tokenward.places import make_private_folder
from tokenward.safe_files import read_own, replace_private

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match
    from kingfisher_sdk.inputs import CancellationToken, ScanInput
    from kingfisher_sdk.rules import Rules
    from kingfisher_sdk.scanner import Scanner

BROUGHT = Path(__file__).parents[1] / "compiled"
"""Compiled for the engine beside which the package is installed; empty where it was built without one."""
TABLE = ".screen.json"
"""The end of the name of the table that completes compiled rules; the rest is their identity."""
_UNUSED = 60 * 24 * 3600.0
"""Seconds after which compiled rules are removed that nothing has read."""
_CONDITION = "betterleaks_filter"
"""Only drops matches, so that a text without matches of rules without it has none with it."""
_NEVER_MATCHED = {_CONDITION, "validation", "revocation", "references"}
_DERIVED = {"detection_regex"}
_LARGEST = 16_000_000


def table_of(folder: Path, identity: str) -> Path:
    """Return the file that is written last, once all rules of an identity are compiled."""
    return folder / f"{identity}{TABLE}"


def bring(rules_cache: Path, identity: str) -> None:
    """Copy the package's compiled rules to the user's, unless they are there or for another engine; never fail.

    The engine loads none that somebody else owns or can change, as those of an installed package may be.
    """
    table = table_of(BROUGHT, identity)
    if table_of(rules_cache, identity).exists() or not table.exists():
        return
    with suppress(OSError):
        make_private_folder(rules_cache)
        # The table last, which says that the others are there.
        for file in sorted(BROUGHT.glob("*.*"), key=table.__eq__):
            replace_private(rules_cache / file.name, file.read_bytes(), durable=False)
        remove_unused(rules_cache)


def remove_unused(rules_cache: Path) -> None:
    """Remove compiled rules that no start has read for a long time, such as an earlier version's."""
    for entry in os.scandir(rules_cache):
        with suppress(OSError):
            status = entry.stat()
            if max(status.st_atime, status.st_mtime) < time.time() - _UNUSED:
                Path(entry).unlink()


class CatalogScanner:
    """A scanner that looks for Base64 only in a text that has some; safe to share between threads.

    Attributes:
        rules: the loaded rules.
    """

    def __init__(self, rules: Rules) -> None:
        """Load nothing more yet."""
        self.rules = rules

    def scan_input(self, source: ScanInput, *, cancellation: CancellationToken | None = None) -> list[Match]:
        """Return the matches in a text, in no order."""
        scanner = self._decoding if has_encoded_text(source.data or b"") else self._plain
        return scanner.scan_input(source, cancellation=cancellation)

    @cached_property
    def _decoding(self) -> Scanner:
        return self._scanner(BASE64_DEPTH)

    @cached_property
    def _plain(self) -> Scanner:
        return self._scanner(0)

    def _scanner(self, depth: int) -> Scanner:
        from kingfisher_sdk.scanner import DetectionPolicy, Scanner

        # The engine's own ignore comments are off, so that only Suppressors decide.
        policy = DetectionPolicy(inline_ignores=False, cli_match_semantics=False, base64_max_depth=depth)
        return Scanner(self.rules, base64=depth > 0, policy=policy)


class Catalog:
    """The engine's rules with our overrides; safe to share between threads."""

    def __init__(self, rules_cache: Path, identity: str) -> None:
        """Load the rules without their conditions, or compile everything if that was not done before."""
        self._rules_cache = rules_cache
        self._whole_file = _whole_file(rules_cache, identity)
        self._patterns_file = rules_cache / f"{identity}.patterns.yml"
        self._loading = Lock()
        self._patterns = self._load(self._patterns_file)
        self._whole = None if self._patterns else self._built_in()

    @property
    def in_use(self) -> CatalogScanner:
        """Return the scanner for the next text, which has all the rules, if not all of their parts."""
        return self._patterns or self.scanner

    @property
    def scanner(self) -> CatalogScanner:
        """Return the scanner with every part of the rules; loading it takes 0.2 s."""
        with self._loading:
            if self._whole is None:
                self._whole = self._load(self._whole_file) or self._built_in()
                self._patterns = None
            return self._whole

    def matches(self, source: ScanInput, limits: Limits) -> list[Match]:
        """Return the matches in a text that are shown, in no order.

        Raises:
            TimeoutError, RuntimeError: as for `Limits.scan`.
        """
        patterns = self._patterns
        if patterns and not shown_matches(limits.scan(patterns, source)):
            return []
        return shown_matches(limits.scan(self.scanner, source))

    def _load(self, file: Path) -> CatalogScanner | None:
        """Return a scanner for the rules in a file; None if it is missing or damaged, or others can write to it."""
        from kingfisher_sdk.rules import Rules

        try:
            rules = Rules([file], builtins=False, cache_dir=self._rules_cache)
        except (RuntimeError, ValueError):
            return None
        return None if rules.cache_status == "bypassed" else CatalogScanner(rules)

    def _built_in(self) -> CatalogScanner:
        """Return a scanner for the engine's own copy, and write the files for the next start."""
        from kingfisher_sdk.rules import Rules

        rules = Rules([OVERRIDES], cache_dir=self._rules_cache)
        # Without a cache, the rules are compiled each time.
        if rules.cache_status != "bypassed":
            with suppress(OSError):
                self._write(definitions(rules))
        return CatalogScanner(rules)

    def _write(self, details: list[dict[str, Any]]) -> None:
        """Write the files, if the engine reads the same rules from them."""
        replace_private(self._whole_file, _written(details, _DERIVED), durable=False)
        whole = self._load(self._whole_file)
        if whole and definitions(whole.rules) == details:
            replace_private(self._patterns_file, _written(details, _DERIVED | _NEVER_MATCHED), durable=False)


def definitions(rules: Rules) -> list[dict[str, Any]]:
    """Return the definitions of rules."""
    return [rules.detail(str(rule["id"])) for rule in rules.metadata()]


def whole_rule(rules_cache: Path, identity: str, rule: str) -> str:
    """Return a file of rules with one of the catalog's, as `_written` wrote it.

    Raises:
        OSError, ValueError: it is missing, or others can write to the file.
    """
    text = read_own(_whole_file(rules_cache, identity), _LARGEST).decode()
    line = re.search(
        rf'^- {{"name": "(?:[^"\\]|\\.)*", "id": {re.escape(json.dumps(rule))},.*$', text, re.MULTILINE
    )
    if line is None:
        raise ValueError
    found = line[0]
    if shared := re.search(rf'"{_CONDITION}": \*(c\d+)\b', found):
        start = text.index(f"&{shared[1]} ") + len(shared[1]) + 2
        condition, _ = json.JSONDecoder().raw_decode(text, start)
        found = found.replace(shared[0], f'"{_CONDITION}": {json.dumps(condition)}')
    return f"rules:\n{found}\n"


def _whole_file(rules_cache: Path, identity: str) -> Path:
    return rules_cache / f"{identity}.catalog.yml"


def _written(details: Iterable[dict[str, Any]], omitted: set[str]) -> bytes:
    """Return rules in YAML, without some parts; each condition, which many rules share, is written once."""
    anchors: dict[str, str] = {}
    lines = ["rules:\n"]
    for detail in details:
        parts = []
        for key, value in detail.items():
            if key in omitted or value in (None, []):
                continue
            text = json.dumps(value, ensure_ascii=False)
            if key == _CONDITION:
                is_known = text in anchors
                anchor = anchors.setdefault(text, f"c{len(anchors)}")
                text = f"*{anchor}" if is_known else f"&{anchor} {text}"
            parts.append(f"{json.dumps(key)}: {text}")
        lines.append(f"- {{{', '.join(parts)}}}\n")
    return "".join(lines).encode()
