"""Compares the ledger with access logs: who used each token, and whether that was us.

The ledger contains fingerprints of tokens' identifiers in logs, so no value is needed.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from tokenward.custody.ledger.histories import TokenHistory
from tokenward.detection.log_identifiers import gitlab_user, hash_identifier
from tokenward.detection.rules.providers import profile_of
from tokenward.language import counted
from tokenward.model import Fingerprint, Profile
from tokenward.operations.review.model import LogFile, LogReview, ReviewedToken, ReviewVerdict
from tokenward.operations.review.verdicts import Evidence, Network, TokenUses, judge
from tokenward.places import shown
from tokenward.sources.logs.access_logs import LogMapping, LogUse, ReadProgress, TokenNaming, read_records


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """The logs and limits of a review.

    Attributes:
        logs: the files.
        ours: the user's addresses; empty if the user named none.
        since: older uses do not count; nor do uses after `until`.
    """

    logs: tuple[Path, ...]
    mapping: LogMapping = field(default_factory=LogMapping)
    ours: tuple[Network, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, time: datetime) -> bool:
        """Return whether a time is within the limits."""
        return (self.since is None or time >= self.since) and (self.until is None or time <= self.until)


def review_logs(
    tokens: Sequence[TokenHistory], request: ReviewRequest, fingerprint: Callable[[str], Fingerprint]
) -> LogReview:
    """Compare the ledger's tokens with logs, each of which is read once.

    Raises:
        TokenwardError: a log cannot be opened.
    """
    index = _TokenIndex(tokens, request, fingerprint)
    logs = tuple(index.read(path) for path in request.logs)
    order = list(ReviewVerdict)
    reviewed = sorted(map(index.reviewed, tokens), key=lambda one: order.index(one.verdict))
    return LogReview(tuple(reviewed), logs, request.since, request.until, tuple(map(str, request.ours)))


@dataclass(slots=True)
class _Coverage:
    """The period of a provider's records."""

    first: datetime | None = None
    last: datetime | None = None

    def add(self, time: datetime) -> None:
        """Extend the period to a time."""
        self.first = time if self.first is None else min(self.first, time)
        self.last = time if self.last is None else max(self.last, time)


class _TokenIndex:
    """Tokens by their identifiers in logs, with their uses."""

    def __init__(
        self,
        tokens: Iterable[TokenHistory],
        request: ReviewRequest,
        fingerprint: Callable[[str], Fingerprint],
    ) -> None:
        self._request = request
        # A log repeats the same identifiers.
        self._fingerprint = lru_cache(_REMEMBERED)(fingerprint)
        self._named: defaultdict[str, list[TokenUses]] = defaultdict(list)
        self._uses: dict[Fingerprint, TokenUses] = {}
        self._coverage: defaultdict[tuple[str, TokenNaming], _Coverage] = defaultdict(_Coverage)
        for token in tokens:
            uses = self._uses[token.fingerprint] = TokenUses(token, request.ours)
            for name in {token.fingerprint, *token.traces, *self._given_names(token)}:
                self._named[name].append(uses)

    def read(self, path: Path) -> LogFile:
        """Count the uses in a log."""
        reading, coverage = ReadProgress(), _Coverage()
        providers: dict[str, None] = {}
        matched = unknown = timeless = 0
        for record in read_records(path, reading):
            use = self._request.mapping.read(record)
            if use is None:
                unknown += 1
                continue
            providers.setdefault(use.provider)
            if use.time is None:
                timeless += 1
            elif self._request.holds(use.time):
                coverage.add(use.time)
                matched += self._add(use, use.time)
        remarks = _remarks(reading, unknown, timeless)
        named = tuple(filter(None, providers))
        return LogFile(shown(path), named, reading.records, matched, coverage.first, coverage.last, remarks)

    def reviewed(self, token: TokenHistory) -> ReviewedToken:
        """Return a token with its uses and the verdict."""
        uses = self._uses[token.fingerprint]
        profile = profile_of(token.rule) if token.rule else Profile(token.provider)
        verdict, sentence = judge(self._evidence(token, uses, profile))
        references = tuple(map(str, token.references))
        return ReviewedToken(
            name=references[-1] if references else token.label or f"token {token.fingerprint[:8]}",
            fingerprint=token.fingerprint,
            provider=token.provider,
            rule=token.rule,
            label=token.label,
            references=references,
            kind=profile.kind.value,
            scope=profile.scope,
            issued=token.issued,
            expires=token.expires,
            first_seen=token.first_seen,
            places=tuple(token.places),
            stored=token.stored,
            last_use=next(reversed(token.uses), None),
            own_uses=len(token.uses),
            refusals=token.refusals,
            seen_by=token.sights,
            revoked=token.revoked,
            ended=token.ended,
            uses=uses.grouped(),
            verdict=verdict,
            sentence=sentence,
        )

    def _add(self, use: LogUse, time: datetime) -> bool:
        """Count a use, and return whether its token is known."""
        self._coverage[use.provider, use.naming].add(time)
        identifier = _IDENTIFIERS[use.naming](use.name) if use.name else ""
        found = self._named.get(self._fingerprint(identifier), ()) if identifier else ()
        for uses in found:
            uses.add(use, time)
        return bool(found)

    def _given_names(self, token: TokenHistory) -> list[Fingerprint]:
        given = self._request.mapping.names
        return [self._fingerprint(name) for one in token.references for name in given.get(one, ())]

    def _evidence(self, token: TokenHistory, uses: TokenUses, profile: Profile) -> Evidence:
        relevant = {
            naming: one
            for (provider, naming), one in self._coverage.items()
            if not token.provider or provider in ("", token.provider)
        }
        # Any token can be found by its hash; other identifiers need a recorded trace.
        has_more = len(token.traces) > 1 or bool(self._given_names(token))
        is_named = bool(token.traces) and any(naming in _HASHES or has_more for naming in relevant)
        return Evidence(
            provider=token.provider,
            ends=profile.ends,
            uses=uses.grouped(),
            is_certain=uses.is_certain,
            knows_ours=bool(self._request.ours),
            is_covered=bool(relevant),
            is_named=is_named or TokenNaming.VALUE in relevant,
            first=min(filter(None, (one.first for one in relevant.values())), default=None),
            last=max(filter(None, (one.last for one in relevant.values())), default=None),
        )


_REMEMBERED = 16_384
_HASHES = (TokenNaming.SHA256_BASE64, TokenNaming.SHA256_HEX, TokenNaming.VALUE)


def _of_hash(decode: Callable[[str], bytes]) -> Callable[[str], str]:
    def identifier(name: str) -> str:
        try:
            digest = decode(name)
        except ValueError:
            return ""
        return hash_identifier(digest) if len(digest) == 32 else ""

    return identifier


_IDENTIFIERS: Mapping[TokenNaming, Callable[[str], str]] = {
    TokenNaming.SHA256_BASE64: _of_hash(partial(base64.b64decode, validate=True)),
    TokenNaming.SHA256_HEX: _of_hash(bytes.fromhex),
    TokenNaming.ID: str,
    TokenNaming.VALUE: str,
    TokenNaming.GITLAB_USER: lambda name: gitlab_user(int(name[:30])),
}


def _remarks(reading: ReadProgress, unknown: int, timeless: int) -> tuple[str, ...]:
    remarks = [reading.stopped] if reading.stopped else []
    if reading.broken:
        noun = "line or entry" if reading.broken == 1 else "lines or entries"
        remarks.append(f"has {reading.broken:,} {noun} that could not be read")
    if unknown:
        remarks.append(f"has {counted(unknown, 'record')} of no known log; describe it with `--map`")
    if timeless:
        remarks.append(f"has {counted(timeless, 'record')} without a time, not counted")
    if not reading.records and not remarks:
        remarks.append("is empty")
    return tuple(remarks)
