"""Helpers for tests of reviews: tokens with a history, logs of their uses, and the comparison of both."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import access_logs
import tokens
from tokenward.custody.ledger.histories import PlaceHistory, TokenHistory, UseRecord
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.log_identifiers import identifiers
from tokenward.model import Reference
from tokenward.operations.review.model import LogReview
from tokenward.operations.review.review import ReviewRequest, review_logs
from tokenward.sources.logs.access_logs import LogMapping

fingerprint = Fingerprinter(bytes(range(32)))
VALUE = tokens.github(1)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOME, ELSEWHERE = "198.51.100.7", "203.0.113.7"
REFERENCE = Reference("acme", "GITHUB_TOKEN")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def traces(value: str) -> frozenset[str]:
    return frozenset(map(fingerprint, identifiers(value)))


def used(minutes: float) -> UseRecord:
    return UseRecord(at(minutes), "run", "/usr/bin/npm", "npm start", "Claude Code")


TOKEN = TokenHistory(
    fingerprint=fingerprint(VALUE),
    rule="betterleaks.github-pat",
    provider="GitHub",
    label="GitHub token (ghp_…, 40 characters)",
    references=(REFERENCE,),
    first_seen=at(-90),
    last_event=at(0),
    places=(PlaceHistory("/acme/app.py", "file", at(-90), at(-60)),),
    stored=at(-60),
    traces=traces(VALUE),
)
BARE = replace(TOKEN, stored=None, references=())


def github_log(folder: Path, uses: Iterable[tuple[float, str]], value: str = VALUE) -> Path:
    """Write an audit log of uses, each given by minutes after noon and an address; return its path."""
    path = folder / "audit.ndjson"
    with path.open("w") as file:
        for minutes, address in uses:
            record = {
                "@timestamp": at(minutes).timestamp() * 1000,
                "action": "git.clone",
                "actor_ip": address,
                "hashed_token": access_logs.hashed(value),
            }
            file.write(f"{json.dumps(record)}\n")
    return path


def compared(
    token: TokenHistory,
    *logs: Path,
    ours: Iterable[str] = (),
    mapping: LogMapping | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> LogReview:
    networks = tuple(ip_network(one) for one in ours)
    return review_logs(
        [token], ReviewRequest(logs, mapping or LogMapping(), networks, since, until), fingerprint
    )
