"""Screen: finds out whether rules may match in a text, by the few rules whose needs the text meets.

To load all rules takes 0.2 s; most texts need none of them, or one of 0.5 ms.
"""
# ruff: noqa: PLC0415 - the engine is imported when it is first needed, as in engine.py

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tokenward.detection.encoded import BASE64_DEPTH, decoded_texts
from tokenward.safe_files import is_own, read_own, replace_private

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

_KEPT = ("id", "name", "pattern", "confidence", "min_entropy", "betterleaks_secret_group")
"""What a rule is matched by; without the rest it matches more often."""
_LARGEST_TABLE = 4_000_000
MOST_NEW = 2
"""Rules that a process compiles by themselves, 0.1 s each; a text that needs more of them needs all rules."""


class Screen:
    """The needs of all rules, and the rules that were needed so far."""

    def __init__(self, rules_cache: Path, identity: str) -> None:
        """Read the needs that `write_screen` has written.

        Raises:
            OSError, ValueError: they are missing, or others can write to them.
        """
        folder = rules_cache.lstat()
        if not is_own(folder) or (os.name != "nt" and folder.st_mode & 0o022):
            raise PermissionError
        self._folder = rules_cache
        table = json.loads(read_own(needs_file(rules_cache, identity), _LARGEST_TABLE))
        self._rules: list[list[Any]] = table["rules"]
        self._runs = [re.compile(f"[{kind}]+".encode("latin-1")) for kind in table["kinds"]]
        self._scanners: dict[str, Any] = {}
        self._new = 0

    def matches(self, data: bytes, *, is_named: bool) -> Iterator[Match]:
        """Yield the matches of rules in a UTF-8 text; more than those of all rules together, and in no order.

        Args:
            data: the text.
            is_named: include the rules for files with certain names.

        Raises:
            OSError, RuntimeError, ValueError: a rule cannot be loaded from the folder.
        """
        data = data.replace(b"\0", b"\1")
        for file, rule in self._needed(_searched(data), is_named=is_named):
            if file not in self._scanners:
                self._scanners[file] = self._load(file, rule)
            yield from self._scanners[file].scan_input(data, "text")

    def _needed(self, searched: bytes, *, is_named: bool) -> Iterator[tuple[str, str]]:
        longest = [max(map(len, run.findall(searched)), default=0) for run in self._runs]
        for file, for_named, kind, run, literals, rule in self._rules:
            is_here = longest[kind] >= run and (is_named or not for_named)
            if is_here and (not literals or any(one.encode("latin-1") in searched for one in literals)):
                yield file, rule

    def _load(self, file: str, rule: str) -> Any:
        from kingfisher_sdk import _native

        path = self._folder / file
        if not path.exists():
            self._new += 1
            if self._new > MOST_NEW:
                raise FileNotFoundError
            replace_private(path, rule.encode(), durable=False)
        rules = _native.Rules([str(path)], False, "low", cache_dir=str(self._folder))
        if rules.cache_status == "bypassed":
            raise OSError
        return _native.Scanner(rules, True, False, False, None, policy=_POLICY)


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
        file = f"{hashlib.sha256(kept.encode()).hexdigest()[:32]}.rule.yml"
        rows.append([file, is_named, need.kind, need.run, sorted(need.literals), kept])
    table = json.dumps({"kinds": KINDS, "rules": rows}).encode()
    replace_private(needs_file(rules_cache, identity), table, durable=False)


def needs_file(rules_cache: Path, identity: str) -> Path:
    """Return the file that `write_screen` writes."""
    return rules_cache / f"{identity}.needs.json"


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
