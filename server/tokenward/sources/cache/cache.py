"""Caches scan results by file identity, so that an unchanged file is never read twice.

Findings and ignored places contain no values, so the cache contains none either.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from functools import cache
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

from tokenward import __version__
from tokenward.model import Claims, FilePlace, Finding, Fingerprint, IgnoredDetection, Point
from tokenward.sources.cache.cache_file import CacheFile
from tokenward.sources.candidate import Identity
from tokenward.sources.is_text import NoTextKind

_TOGETHER = 16
"""The files that share a digest, on average: one for each would cost more than to read a few again."""
_LARGEST_KEY = 2**63 - 1


class CacheRow(NamedTuple):
    """The result of scanning one file.

    Attributes:
        unread: why it was not scanned; None if it was.
    """

    findings: tuple[Finding, ...] = ()
    ignored: tuple[IgnoredDetection, ...] = ()
    unread: NoTextKind | None = None


EMPTY_ROW = CacheRow()


class ScanCache(CacheFile):
    """The results of earlier scans."""

    def rows(self, identities: Sequence[Identity], rules_version: str) -> list[CacheRow | None]:
        """Return the results of an earlier scan of files in these states with these rules, None for each without.

        They were scanned together, with the same first file; others may have changed, come or gone since.
        """
        known = _decoded_groups(self.get_text(_key(identities[0])) or "{}")
        if not known:
            return [None] * len(identities)
        rows: list[CacheRow | None] = []
        for files, digest in _groups(identities, rules_version):
            kept = known.get(digest)
            if kept is None or any(number not in range(files) for number in kept):
                rows += [None] * files
            else:
                rows += [kept.get(number, EMPTY_ROW) for number in range(files)]
        return rows

    def put(
        self, first: Identity, rules_version: str, identities: Sequence[Identity], rows: Sequence[CacheRow]
    ) -> None:
        """Store the results of files that were scanned together; `first` is the first of those asked for."""
        left, encoded = iter(rows), dict[str, dict[int, str]]()
        for files, digest in _groups(identities, rules_version):
            own = enumerate(islice(left, files))
            encoded[digest] = {number: _encoded(row) for number, row in own if row is not EMPTY_ROW}
        self.put_text(_key(first), json.dumps(encoded, separators=(",", ":")))


def _key(identity: Identity) -> int:
    """Return a key for the file, so that a new result replaces the old one."""
    # It need not be unique, because the stamp says which file it is; a digest would cost more than all the rest.
    name = crc32(identity.name.encode("utf-8", "surrogatepass"))
    return (identity.inode ^ name << 31) & _LARGEST_KEY


def _groups(identities: Sequence[Identity], rules_version: str) -> Iterator[tuple[int, str]]:
    """Yield the number of files in each group, and a digest of their states and of the rules.

    Groups begin with the same files although others have come or gone.
    """
    # The device is left out, because some file systems get a new number at each start. This format of marshal gives
    # equal bytes for equal values alone, and costs a fraction of formatting the numbers.
    states = [identity[1:] for identity in identities]
    starts = [number for number, state in enumerate(states) if number == 0 or state[0] % _TOGETHER == 0]
    rules = _rules_digest(rules_version, __version__)
    for start, end in zip(starts, [*starts[1:], len(states)], strict=True):
        state = marshal.dumps(states[start:end], 0)
        yield end - start, blake2b(state + rules, digest_size=8).hexdigest()


@cache
def _rules_digest(*versions: str) -> bytes:
    return blake2b("\0".join(versions).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _encoded(result: CacheRow) -> str:
    if result.unread:
        return json.dumps(result.unread)
    rows = [_row(finding) for finding in result.findings]
    return json.dumps([rows, result.ignored], separators=(",", ":"))


def _decoded_groups(text: str) -> dict[str, dict[int, CacheRow]]:
    """Return the results of each group's files that are not clean, by the digest of the group; none without sense."""
    try:
        return {
            digest: {int(number): _decoded(row) for number, row in own.items()}
            for digest, own in json.loads(text).items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _row(finding: Finding) -> dict[str, object]:
    row = {field.name: getattr(finding, field.name) for field in fields(Finding)}
    points = {name: [row[name].line, row[name].column] for name in ("start", "end")}
    return row | points | {"claims": astuple(finding.claims)}


def _decoded(stored: str) -> CacheRow:
    known = json.loads(stored)
    if isinstance(known, str):
        return CacheRow(unread=NoTextKind(known))
    findings, ignored = known
    return CacheRow(
        tuple(_finding(row) for row in findings), tuple(IgnoredDetection(*place) for place in ignored)
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    points = {name: Point(*row[name]) for name in ("start", "end")}
    place = None if row["place"] is None else FilePlace(*row["place"])
    issued, expires, facts, checksum = row["claims"]
    claims = Claims(issued, expires, tuple((str(name), str(text)) for name, text in facts), checksum)
    known = {"fingerprint": Fingerprint(row["fingerprint"]), "place": place, "claims": claims}
    traces = tuple(Fingerprint(trace) for trace in row["traces"])
    return Finding(**{**row, **points, **known, "traces": traces})
