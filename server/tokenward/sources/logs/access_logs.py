"""Converts a record of a provider's access log to the use of a token.

The fields are documented here: GitHub, "Identifying audit log events performed by an access token" and the audit
log's REST API (`hashed_token`, `action`, `actor_ip`, `@timestamp` and `created_at` in milliseconds); AWS, "CloudTrail
record contents" and `LookupEvents` (which wraps each record as the text `CloudTrailEvent`); GitLab, "Audit event
schema" and the audit events API.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tokenward.sources.logs.records import json_object

_MILLISECONDS = 1e11
"""From this number on, seconds would mean a year after 5000, so they must be milliseconds."""
_SERVICE = re.compile(r"[a-z0-9.-]{1,80}\.amazonaws\.com|AWS Internal")
_LONGEST_ACTION = 80
_PLAIN_WORD = re.compile(r"[A-Za-z_.:/*-]{1,48}|[\w.:/*-]{1,18}|[A-Za-z:.]{1,60}20\d{6}(?:v\d)?", re.ASCII)


class TokenNaming(StrEnum):
    """The kind of identifier with which a log names a token."""

    SHA256_BASE64 = "sha256-base64"
    SHA256_HEX = "sha256-hex"
    ID = "id"
    VALUE = "value"
    GITLAB_USER = "gitlab-user"
    """The user for whom the token acts; another of the user's tokens may have been used."""


@dataclass(frozen=True, slots=True)
class LogUse:
    """A use, as recorded in a log.

    Attributes:
        provider: the log's provider, spelled as in a Finding; empty for a log in the user's own format.
        raw_address: where it came from, as written.
        raw_action: what was done, as written.
        naming: the kind of `name`.
        name: the identifier of the token; empty if the record names none.
    """

    provider: str
    time: datetime | None
    raw_address: Any
    raw_action: Any
    naming: TokenNaming
    name: str
    failed: bool = False

    # Nearly all records are irrelevant, so these are computed only on demand.
    @property
    def address(self) -> str:
        """Return an IP address, or the name of one of the provider's services; empty if unknown."""
        return address_of(self.raw_address)

    @property
    def action(self) -> str:
        """Return what was done, without possible tokens."""
        return action_of(self.raw_action)


RecordReader = Callable[[Mapping[str, Any]], "LogUse | None"]


def log_use(record: Mapping[str, Any]) -> LogUse | None:
    """Return the use that a record describes; None if it is not from a known log."""
    if isinstance(record.get("CloudTrailEvent"), str):
        record = json_object(record["CloudTrailEvent"]) or {}
    reader = next((read for key, read in _READERS.items() if all(name in record for name in key)), None)
    return reader(record) if reader else None


def _cloudtrail(record: Mapping[str, Any]) -> LogUse:
    service = text_of(record["eventSource"]).removesuffix(".amazonaws.com")
    return LogUse(
        provider="AWS",
        time=time_of(record.get("eventTime")),
        raw_address=record.get("sourceIPAddress"),
        raw_action=f"{service}:{text_of(record['eventName'])}",
        naming=TokenNaming.ID,
        name=text_of(field_of(record, "userIdentity.accessKeyId")),
        failed=bool(record.get("errorCode")),
    )


def _github(record: Mapping[str, Any]) -> LogUse:
    return LogUse(
        provider="GitHub",
        time=time_of(record.get("@timestamp")) or time_of(record.get("created_at")),
        raw_address=record.get("actor_ip"),
        raw_action=record["action"],
        naming=TokenNaming.SHA256_BASE64,
        name=text_of(record.get("hashed_token")),
    )


def _gitlab(record: Mapping[str, Any]) -> LogUse:
    author = text_of(record["author_id"])
    # Negative ids are not users but an unauthenticated request or a deploy key.
    return LogUse(
        provider="GitLab",
        time=time_of(record.get("created_at")),
        raw_address=record.get("ip_address") or field_of(record, "details.ip_address"),
        raw_action=record.get("event_type") or "audit event",
        naming=TokenNaming.GITLAB_USER,
        name=author if author.isascii() and author.isdecimal() else "",
    )


_READERS: Mapping[tuple[str, ...], RecordReader] = {
    ("eventSource", "eventName"): _cloudtrail,
    ("author_id", "entity_type"): _gitlab,
    ("action", "hashed_token"): _github,
    ("action", "@timestamp"): _github,
    ("action", "actor", "created_at"): _github,
}


def field_of(record: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path, or None."""
    found: Any = record
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text_of(value: Any) -> str:
    """Return a text or an integer as text; empty for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, str) else str(value)[:40] if is_number and abs(value) < 10**30 else ""


def time_of(value: Any) -> datetime | None:
    """Parse a time in ISO 8601, or in seconds or milliseconds since 1970; None for anything else."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip()[:40].upper().removesuffix("UTC").rstrip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def address_of(value: Any) -> str:
    """Return an IP address in its shortest form, or an AWS service; empty for anything else, which is not shown."""
    text = text_of(value).strip()[:80]
    if _SERVICE.fullmatch(text):
        return text
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address).partition("%")[0]


def action_of(value: Any) -> str:
    """Return an action with `…` for each word that may contain a token."""
    words = text_of(value)[: 4 * _LONGEST_ACTION].split()
    plain = " ".join(word if _PLAIN_WORD.fullmatch(word) else "…" for word in words)
    return plain if len(plain) <= _LONGEST_ACTION else f"{plain[: _LONGEST_ACTION - 1]}…"
