"""What is known of a token, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.model import Kind, Profile
from tokenward.phrases import ago, ahead, moment

_KINDS = {
    Kind.SESSION: "It lives as long as its session",
    Kind.EXPIRING: "It expires by itself",
    Kind.LONG_LIVED: "It is long-lived",
    Kind.KEY_PAIR: "It is a key, which never expires by itself",
}

_REACHES = {None: "", True: "works anywhere", False: "works in its workspace only"}
UNKNOWN_SCOPE = "Not known; suppose that it may do all that its owner may."
UNKNOWN_END = "Revoke it at its provider."


def has_expired(profile: Profile, now: float) -> bool:
    """Whether the token says that it has; the time is in seconds since 1970."""
    return profile.claims.expires is not None and profile.claims.expires <= now


def matters(profile: Profile, now: float) -> str:
    """What matters most about a token, in one sentence that stays true for a while; empty when nothing is known."""
    expires = profile.claims.expires
    if profile.claims.checksum is False:
        return "Its checksum does not fit, so it is probably none."
    if expires is not None and expires <= now:
        return f"It expired on {moment(expires)}."
    if profile.harmless:
        return "Alone it opens nothing."
    persists = f"It expires on {moment(expires)}" if expires is not None else _KINDS.get(profile.kind, "")
    reaches = _REACHES[profile.works_elsewhere]
    if persists and reaches:
        return f"{persists} and {reaches}."
    return f"{persists or f'It {reaches}'}." if persists or reaches else ""


def persistence(profile: Profile) -> str:
    """How long such tokens live, such as `long-lived, until it is revoked`."""
    kind = "" if profile.kind is Kind.UNKNOWN else profile.kind.value
    return ", ".join(filter(None, [kind, profile.lifetime])) or "not known"


def dates(profile: Profile, now: float) -> Iterator[str]:
    """What the token says of when it was issued and when it ends."""
    issued, expires = profile.claims.issued, profile.claims.expires
    if issued is not None:
        yield f"Issued {ago(issued, now)}." if issued <= now else f"To be issued {ahead(issued, now)}."
    if expires is not None:
        yield f"Expired {ago(expires, now)}." if expires <= now else f"Expires {ahead(expires, now)}."


def reach(profile: Profile) -> str:
    """Whether a copy is of use to somebody else."""
    unknown = "whether it works outside the workspace is not known; suppose that it does"
    return _REACHES[profile.works_elsewhere] or unknown
