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
from tokenward.sources.cache.cache_file import CacheFile
from tokenward.sources.candidate import Identity
from tokenward.sources.is_text import NoTextKind

_FILES, _GROUPS = "file", "files"
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


class CacheGroup(NamedTuple):
    """The results of several files together.

    Attributes:
        quiet: the number of files scanned without a result.
        quiet_size: the bytes of those files.
        found: the results of the others, by their positions in the group.
    """

    quiet: int
    quiet_size: int
    found: Mapping[int, CacheRow]


EMPTY_ROW = CacheRow()


class ScanCache:
    """The results of earlier scans."""

    def __init__(self, path: Path) -> None:
        """Take the path of the cache file."""
        self._file = CacheFile(path, (_FILES, _GROUPS))

    def get(self, identity: Identity, rules_version: str) -> CacheRow | None:
        """Return the result of an earlier scan of a file in this state with these rules, or None."""
        stored = self._file.get(_FILES, _key(identity), lambda: _stamp(rules_version, identity))
        return _decoded(stored) if stored else EMPTY_ROW if stored is not None else None

    def put(self, identity: Identity, rules_version: str, result: CacheRow) -> None:
        """Store the result of a file, under the identity in its `Content`."""
        self._file.put(_FILES, _key(identity), _stamp(rules_version, identity), _encoded(result))

    def group(self, identities: Sequence[Identity], rules_version: str) -> CacheGroup | None:
        """Return the stored result of exactly these files; None if any of them has changed since."""
        stored = self._file.get(_GROUPS, _key(identities[0]), lambda: _stamp(rules_version, *identities))
        return _decoded_group(stored, len(identities)) if stored else None

    def put_group(self, identities: Sequence[Identity], rules_version: str, rows: Sequence[CacheRow]) -> None:
        """Store the results of several files together, so that one look-up returns all of them."""
        quiet = [one.size for one, known in zip(identities, rows, strict=True) if known == EMPTY_ROW]
        found = {number: _encoded(one) for number, one in enumerate(rows) if one != EMPTY_ROW}
        text = json.dumps([len(quiet), sum(quiet), found], separators=(",", ":"))
        self._file.put(_GROUPS, _key(identities[0]), _stamp(rules_version, *identities), text)

    def save(self) -> None:
        """Write new results, and drop those that no scan has used for a long time."""
        self._file.save()


def _key(identity: Identity) -> int:
    """Return a key for the file, so that a new result replaces the old one."""
    # It need not be unique, because the stamp says which file it is; a digest would cost more than all the rest.
    name = crc32(identity.name.encode("utf-8", "surrogatepass"))
    return (identity.inode ^ name << 31) & _LARGEST_KEY


def _stamp(rules_version: str, *identities: Identity) -> int:
    """Return a digest of the state of files, in order, and of the rules."""
    # The device is left out, because some file systems get a new number at each start. This format of marshal gives
    # equal bytes for equal values alone, and costs a fraction of formatting the numbers.
    state = b"".join([marshal.dumps(identity[1:], 0) for identity in identities])
    digest = blake2b(state + _digest(rules_version, __version__), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@cache
def _digest(*versions: str) -> bytes:
    # Short, so that the state of a file is hashed in one block.
    return blake2b("\0".join(versions).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _encoded(result: CacheRow) -> str:
    if result.unread:
        return json.dumps(result.unread)
    if result == EMPTY_ROW:
        return ""
    rows = [_row(finding) for finding in result.findings]
    return json.dumps([rows, result.ignored], separators=(",", ":"))


def _decoded_group(stored: str, most: int) -> CacheGroup | None:
    try:
        quiet, size, rows = json.loads(stored)
        found = {int(number): result for number, row in rows.items() if (result := _decoded(row)) is not None}
        is_sound = len(found) == len(rows) and all(0 <= number < most for number in found)
        return CacheGroup(int(quiet), int(size), found) if is_sound else None
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
