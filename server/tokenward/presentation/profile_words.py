"""The profile of a token in words, and the page of its rule.

The page is local, because one on the web would reveal the finding to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tokenward.detection.rules.providers import provider_of
from tokenward.language import ago, ahead, moment, phrase, said
from tokenward.model import Kind, Profile

INDEX = "index.md"
"""The page that lists the others."""
_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDERS = (_PACKAGE / "rule_pages", _PACKAGE.parent.parent / "docs" / "rules")
"""In an installed package, and in a checkout."""
_KNOWN_BY_US = ("betterleaks.", "veles.", "tokenward.")
_KINDS = {
    Kind.SESSION: phrase("valid as long as its session"),
    Kind.EXPIRING: phrase("expires automatically"),
    Kind.LONG_LIVED: phrase("long-lived"),
    Kind.KEY_PAIR: phrase("a key that does not expire"),
}
_REACHES = {None: "", True: phrase("works anywhere"), False: phrase("works only in its workspace")}
UNKNOWN_SCOPE = phrase("Unknown; assume that it can do everything that its owner can.")
UNKNOWN_END = phrase("Revoke it at its provider.")


def file_name(provider: str) -> str:
    """Return the file name of a provider's page."""
    return f"{re.sub(r'[^a-z0-9]+', '-', provider.lower()).strip('-') or 'unknown'}.md"


@cache
def page_of(rule: str) -> str | None:
    """Return the `file:` URI of a rule's page; None for a rule without one, such as a user's own."""
    page = _PAGES.get(file_name(provider_of(rule).name))
    return page if page and rule.startswith(_KNOWN_BY_US) else None


# Read at import, because the server must not access the disk later.
_FOLDER = next((folder for folder in _FOLDERS if folder.is_dir()), None)
_PAGES = {path.name: path.as_uri() for path in _FOLDER.glob("*.md")} if _FOLDER else {}


def has_expired(profile: Profile, now: float) -> bool:
    """Return whether the token's own expiry has passed; `now` is in seconds since 1970."""
    return profile.claims.expires is not None and profile.claims.expires <= now


def key_fact(profile: Profile, now: float) -> str:
    """Return the most important fact about a token, in a few words that stay true for a while; empty if unknown."""
    expires = profile.claims.expires
    if profile.claims.checksum is False:
        return said("its checksum is wrong, so it is probably not a token")
    if expires is not None and expires <= now:
        return said("expired on {time}", time=moment(expires))
    if profile.harmless:
        return said("gives no access on its own")
    persists = said(_KINDS.get(profile.kind, ""))
    if expires is not None:
        persists = said("expires on {time}", time=moment(expires))
    return said(", ").join(filter(None, [persists, said(_REACHES[profile.works_elsewhere])]))


def persistence(profile: Profile) -> str:
    """Return how long such tokens are valid, such as `long-lived, until it is revoked`."""
    kind = "" if profile.kind is Kind.UNKNOWN else said(profile.kind.value)
    return said(", ").join(filter(None, [kind, said(profile.lifetime)])) or said("unknown")


def dates(profile: Profile, now: float) -> Iterator[str]:
    """Yield the token's own dates of issue and expiry."""
    issued, expires = profile.claims.issued, profile.claims.expires
    if issued is not None:
        if issued <= now:
            yield said("Issued {time}.", time=ago(issued, now))
        else:
            yield said("Issue date in the future: {time}.", time=moment(issued))
    if expires is not None:
        if expires <= now:
            yield said("Expired {time}.", time=ago(expires, now))
        else:
            yield said("Expires {time}.", time=ahead(expires, now))


def reach(profile: Profile) -> str:
    """Return whether a copy works elsewhere."""
    unknown = phrase("unknown whether it works outside the workspace; assume that it does")
    return said(_REACHES[profile.works_elsewhere] or unknown)
