"""Caches scan results by file identity, so that an unchanged file is never read twice.

Findings and ignored places contain no values, so the cache contains none either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from tokenward import __version__
from tokenward.model import Claims, FilePlace, Finding, Fingerprint, Point
from tokenward.sources.cache.cache_file import CacheFile
from tokenward.sources.candidate import Identity
from tokenward.sources.is_text import NoTextKind

_FILES, _GROUPS = "file", "files"


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
        # Their digests are a large part of what it costs to keep the result of a small file.
        self._missed: dict[tuple[str, Identity | tuple[Identity, ...]], tuple[int, int]] = {}

    def get(self, identity: Identity, rules_version: str) -> CacheRow | None:
        """Return the result of an earlier scan of a file in this state with these rules; None if there is none."""
        key, stamp = _key(identity), _stamp(identity, rules_version)
        stored = self._file.get(_FILES, key, stamp)
        if stored is None:
            self._missed[rules_version, identity] = key, stamp
        return _decoded(stored) if stored else EMPTY_ROW if stored is not None else None

    def put(self, identity: Identity, rules_version: str, result: CacheRow) -> None:
        """Store the result of a file, under the identity in its `Content`."""
        known = self._missed.pop((rules_version, identity), None)
        key, stamp = known or (_key(identity), _stamp(identity, rules_version))
        self._file.put(_FILES, key, stamp, _encoded(result))

    def group(self, identities: Sequence[Identity], rules_version: str) -> CacheGroup | None:
        """Return the stored result of exactly these files; None if any of them has changed since."""
        key, stamp = _key(identities[0]), _group_stamp(identities, rules_version)
        stored = self._file.get(_GROUPS, key, stamp)
        if stored is None:
            self._missed[rules_version, tuple(identities)] = key, stamp
        return _decoded_group(stored, len(identities)) if stored else None

    def put_group(self, identities: Sequence[Identity], rules_version: str, rows: Sequence[CacheRow]) -> None:
        """Store the results of several files together, so that one look-up returns all of them."""
        known = self._missed.pop((rules_version, tuple(identities)), None)
        key, stamp = known or (_key(identities[0]), _group_stamp(identities, rules_version))
        quiet = [one.size for one, known in zip(identities, rows, strict=True) if known == EMPTY_ROW]
        found = {number: _encoded(one) for number, one in enumerate(rows) if one != EMPTY_ROW}
        self._file.put(
            _GROUPS,
            key,
            stamp,
            json.dumps([len(quiet), sum(quiet), found], separators=(",", ":")),
        )

    def save(self) -> None:
        """Write new results, and drop those that no scan has used for a long time."""
        self._missed.clear()
        self._file.save()


def _key(identity: Identity) -> int:
    """Return a key for the file, so that a new result replaces the old one."""
    # The device is left out here and below, because some file systems get a new number at each start.
    return _digest(f"{identity.inode}:{identity.name}")


def _stamp(identity: Identity, rules_version: str) -> int:
    state = f"{identity.size}:{identity.mtime_ns}:{identity.ctime_ns}:{rules_version}:{__version__}"
    return _digest(state)


def _group_stamp(identities: Sequence[Identity], rules_version: str) -> int:
    # The fields of different files always differ, because a name ends with a NUL, which no name contains.
    states = [f"{inode}:{size}:{mtime}:{ctime}:{name}\0" for _, inode, size, mtime, ctime, name in identities]
    return _digest("".join([*states, rules_version, __version__]))


def _digest(text: str) -> int:
    content = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)


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
