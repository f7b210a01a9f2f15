"""A line of `.tokenwardignore`, and its key, which recognises a value without revealing it.

SCOPE RULE KEY UNTIL # REASON
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar
from urllib.parse import quote

from tokenward.fast_dataclasses import dataclass

ANYWHERE = "**"
_SALT_BYTES, _DIGEST_BYTES = 12, 16
# 8 MB and about 20 ms per guess; the parameters are part of the format `s1`.
_COST = {"n": 2**13, "r": 8, "p": 1, "maxmem": 2**25, "dklen": _DIGEST_BYTES}
_LINE = re.compile(r"(\S+) (\S+) (any|s1:\S+) (-|until:\S+) # (\S.*)")
_DATE = re.compile(r"until:(\d{4}-\d\d-\d\d)")
_SAFE_IN_SCOPE = "/!$&'()+,;=:@[]^{}|~`"


@dataclass(frozen=True, slots=True)
class IgnoreKey:
    """The slow hash of a value, and a tag that spares nearly all other values the hashing.

    Attributes:
        salt: the file's salt, repeated in each entry so that merged files stay valid.
        tag: ten bits of a fast hash.
        digest: scrypt of the value.
    """

    salt: bytes
    tag: int
    digest: bytes

    @classmethod
    def parse(cls, text: str) -> IgnoreKey | None:
        """Parse a key; return None if the text is not one."""
        try:
            _, tag, salt, digest = text.split(":")
            key = cls(_from_text(salt), int(tag, 16), _from_text(digest))
        except (ValueError, binascii.Error):
            return None
        sizes = (len(key.salt), len(key.digest))
        return key if sizes == (_SALT_BYTES, _DIGEST_BYTES) and str(key) == text else None

    def __str__(self) -> str:
        return f"s1:{self.tag:03x}:{_to_text(self.salt)}:{_to_text(self.digest)}"


def tag_of(value: bytes, salt: bytes) -> int:
    """Return the tag of a value."""
    return int.from_bytes(hmac.digest(salt, b"tag" + value, "sha256")[:2], "big") >> 6


def digest_of(value: bytes, salt: bytes) -> bytes:
    """Return the slow hash of a value."""
    return hashlib.scrypt(value, salt=salt, **_COST)


@dataclass(frozen=True, slots=True)
class IgnoreEntry:
    """A value, or the findings of one rule in one file, that need not be reported.

    Attributes:
        scope: the paths that it applies to, as `encoded_path` spells them, with the wildcards `*` and `**`.
        rule: the rule that found the value; informative only, unless there is no key.
        key: recognises the value; None for a value that could be guessed.
        until: the last day on which it applies; None for no end.
        reason: in the author's own words.
        line: 0-based, in its file.
    """

    scope: str
    rule: str
    key: IgnoreKey | None
    until: date | None
    reason: str
    line: int = 0

    def __str__(self) -> str:
        key = "any" if self.key is None else str(self.key)
        until = f"until:{self.until.isoformat()}" if self.until else "-"
        return f"{self.scope} {self.rule} {key} {until} # {self.reason}"

    def holds_for(self, encoded: str) -> bool:
        """Return whether the scope matches an encoded path."""
        return self.scope == ANYWHERE or matches_glob(self.scope, encoded)

    def has_expired(self, today: date) -> bool:
        """Return whether the last day has passed."""
        return self.until is not None and today > self.until


def parse_entry(text: str, line: int) -> IgnoreEntry | str:
    """Parse an entry; if the line is not one, return a sentence that says why."""
    match = _LINE.fullmatch(text.rstrip())
    if match is None:
        return "is not an entry; write `SCOPE RULE KEY UNTIL # REASON`, or let `tokenward ignore` write it"
    scope, rule, key_text, until_text, reason = match.groups()
    until = _date(until_text)
    key = IgnoreKey.parse(key_text) if key_text != "any" else None
    if until is None and until_text != "-":
        return "has no date that exists after `until:`; write it as YYYY-MM-DD"
    if key is None and key_text != "any":
        return "has a damaged key; remove the line and ignore the token again"
    if key is None and ("*" in scope or "*" in rule):
        return "is for any value, so it must name one file and one rule without `*`"
    return IgnoreEntry(encoded_path(scope, keep="*%"), rule, key, until, reason, line)


def encoded_path(path: str, keep: str = "") -> str:
    """Escape the blanks, control characters and wildcards in a path."""
    return "".join(
        character
        if character.isalnum() and character.isprintable()
        else quote(character, safe=_SAFE_IN_SCOPE + keep, errors="surrogatepass")
        for character in path
    )


def _date(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_text(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)


_Item = TypeVar("_Item")


def matches_glob(pattern: str, path: str) -> bool:
    """Return whether a path matches; `*` is any part of a name, `**` any number of folders, and case matters."""
    return _matches(
        pattern.split("/"), path.split("/"), "**", lambda part, name: _matches(part, name, "*", str.__eq__)
    )


def _matches(
    pattern: Sequence[_Item], items: Sequence[_Item], star: _Item, fits: Callable[[_Item, _Item], bool]
) -> bool:
    # On a mismatch, only the latest star takes one more item; extending an earlier one could not help.
    place = item = 0
    resume: tuple[int, int] | None = None
    while item < len(items):
        if place < len(pattern) and pattern[place] == star:
            resume = (place + 1, item)
            place += 1
        elif place < len(pattern) and fits(pattern[place], items[item]):
            place, item = place + 1, item + 1
        elif resume is not None:
            resume = (resume[0], resume[1] + 1)
            place, item = resume
        else:
            return False
    return all(rest == star for rest in pattern[place:])
