"""Caches scan results by file identity, so that an unchanged file is never read twice.

Findings and ignored places contain no values, so the cache contains none either.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from tokenward import __version__
from tokenward.model import Claims, FilePlace, Finding, Fingerprint, Point
from tokenward.sources.cache.cache_file import CacheFile, Entry
from tokenward.sources.candidate import Identity
from tokenward.sources.is_text import NoTextKind

_DIGEST = 16
"""Characters of the digest of a file's state, in hexadecimal."""
_LARGEST_KEY = 2**63 - 1


class IgnoredPlace(NamedTuple):
    """A place that would be a finding if the workspace's configuration did not ignore it.

    Attributes:
        path: the file, relative to its workspace.
        line: 0-based.
        rule: the full id of the rule.
        by: what ignored it.
    """

    path: str
    line: int
    rule: str
    by: str


class CacheRow(NamedTuple):
    """The result of scanning one file.

    Attributes:
        unread: why it was not scanned; None if it was.
    """

    findings: tuple[Finding, ...] = ()
    ignored: tuple[IgnoredPlace, ...] = ()
    unread: NoTextKind | None = None


EMPTY_ROW = CacheRow()


class ScanCache:
    """The results of earlier scans."""

    def __init__(self, path: Path) -> None:
        """Take the path of the cache file."""
        self._file = CacheFile(path)

    @property
    def is_empty(self) -> bool:
        """Return whether there are no results of any file."""
        return self._file.is_empty

    def rows(self, identities: Sequence[Identity], rules_version: str) -> list[CacheRow | None]:
        """Return the results of an earlier scan of files in these states with these rules, None for each without.

        They were scanned together, with the same first file; others may have changed, come or gone since.
        """
        entry = self._file.get(_key(identities[0]))
        known = _decoded_group(entry.text) if entry else None
        if entry is None or known is None:
            return [None] * len(identities)
        stamps, found = known
        states = _states(identities)
        if entry.stamp == _stamp(states, rules_version) and len(stamps) == _DIGEST * len(states):
            rows: list[CacheRow | None] = [EMPTY_ROW] * len(identities)
            for number, row in found.items():
                rows[number] = row
            return rows
        numbers = {
            stamps[place : place + _DIGEST]: place // _DIGEST for place in range(0, len(stamps), _DIGEST)
        }
        places = [numbers.get(_digest(state, rules_version).hex()) for state in states]
        return [None if place is None else found.get(place, EMPTY_ROW) for place in places]

    def put(
        self, first: Identity, rules_version: str, identities: Sequence[Identity], rows: Sequence[CacheRow]
    ) -> None:
        """Store the results of files that were scanned together; `first` is the first of those asked for."""
        states = _states(identities)
        stamps = "".join([_digest(state, rules_version).hex() for state in states])
        found = {number: _encoded(row) for number, row in enumerate(rows) if row is not EMPTY_ROW}
        text = json.dumps([stamps, found], separators=(",", ":"))
        self._file.put(_key(first), Entry(_stamp(states, rules_version), text))

    def save(self) -> None:
        """Write new results, and drop those that no scan has used for a long time."""
        self._file.save()


def _key(identity: Identity) -> int:
    """Return a key for the file, so that a new result replaces the old one."""
    # It need not be unique, because the stamp says which file it is; a digest would cost more than all the rest.
    name = crc32(identity.name.encode("utf-8", "surrogatepass"))
    return (identity.inode ^ name << 31) & _LARGEST_KEY


def _states(identities: Sequence[Identity]) -> list[bytes]:
    # The device is left out, because some file systems get a new number at each start. This format of marshal gives
    # equal bytes for equal values alone, and costs a fraction of formatting the numbers.
    return [marshal.dumps(identity[1:], 0) for identity in identities]


def _stamp(states: Sequence[bytes], rules_version: str) -> int:
    """Return a number for the state of files, in order, and of the rules."""
    return int.from_bytes(_digest(b"".join(states), rules_version), "big", signed=True)


def _digest(state: bytes, rules_version: str) -> bytes:
    return blake2b(state + _rules_digest(rules_version, __version__), digest_size=_DIGEST // 2).digest()


@cache
def _rules_digest(*versions: str) -> bytes:
    # Short, so that the state of a file is hashed in one block.
    return blake2b("\0".join(versions).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _encoded(result: CacheRow) -> str:
    if result.unread:
        return json.dumps(result.unread)
    rows = [_row(finding) for finding in result.findings]
    return json.dumps([rows, result.ignored], separators=(",", ":"))


def _decoded_group(text: str) -> tuple[str, Mapping[int, CacheRow]] | None:
    """Return the stamps of files, and the results of those that are not clean, by number; None without sense."""
    try:
        stamps, encoded = json.loads(text)
        rows = [(int(number), _decoded(row)) for number, row in encoded.items()]
        files = range(len(stamps) // _DIGEST)
        found = {number: row for number, row in rows if row and number in files}
        return (stamps, found) if len(found) == len(encoded) else None
    except (ValueError, TypeError, AttributeError):
        return None


def _row(finding: Finding) -> dict[str, object]:
    row = {field.name: getattr(finding, field.name) for field in fields(Finding)}
    points = {name: [row[name].line, row[name].column] for name in ("start", "end")}
    return row | points | {"claims": astuple(finding.claims)}


def _decoded(stored: str) -> CacheRow | None:
    try:
        known = json.loads(stored)
        if isinstance(known, str):
            return CacheRow(unread=NoTextKind(known))
        findings, ignored = known
        return CacheRow(
            tuple(_finding(row) for row in findings), tuple(IgnoredPlace(*place) for place in ignored)
        )
    except (ValueError, TypeError, KeyError):
        return None


def _finding(row: Mapping[str, Any]) -> Finding:
    points = {name: Point(*row[name]) for name in ("start", "end")}
    place = None if row["place"] is None else FilePlace(*row["place"])
    known = {"fingerprint": Fingerprint(row["fingerprint"]), "place": place, "claims": _claims(row["claims"])}
    traces = tuple(Fingerprint(trace) for trace in row["traces"])
    return Finding(**{**row, **points, **known, "traces": traces})


def _claims(row: Sequence[Any]) -> Claims:
    issued, expires, facts, checksum = row
    return Claims(issued, expires, tuple((str(name), str(text)) for name, text in facts), checksum)
