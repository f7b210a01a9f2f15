"""`.tokenwardignore`: tokens to ignore, recognised by value, in a form that is safe to commit.

The key of a line recognises a value without revealing it:

SCOPE RULE KEY UNTIL # REASON
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar
from urllib.parse import quote

from tokenward.detection.rules.providers import provider_of
from tokenward.detection.suppress.suppressor import IgnoreCandidate, short_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.model import IgnoredDetection, Problem, Secret
from tokenward.places import shown
from tokenward.text import split_lines

ANYWHERE = "**"
_SALT_BYTES, _DIGEST_BYTES = 12, 16
# 8 MB and about 20 ms per guess; the parameters are part of the format `s1`.
_COST = {"n": 2**13, "r": 8, "p": 1, "maxmem": 2**25, "dklen": _DIGEST_BYTES}
_LINE = re.compile(r"(\S+) (\S+) (any|s1:\S+) (-|until:\S+) # (\S.*)")
_DATE = re.compile(r"until:(\d{4}-\d\d-\d\d)")
_SAFE_IN_SCOPE = "/!$&'()+,;=:@[]^{}|~`"
IGNORE_FILE = ".tokenwardignore"
MAX_LINES = 20_000
MAX_LINE_CHARACTERS = 2_000
# Each salt may cost every value a slow hash, so a hostile file must not bring many.
MAX_SALTS = 8
MAX_WRONG_TAGS = 10_000
"""Slow hashes in addition to one for each entry; after them, a value not seen before counts as new."""
_HEADER = "# Tokens that are known and allowed. Any order; one a line: SCOPE RULE KEY UNTIL # REASON\n"


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


class IgnoreFile:
    """The entries of a file and its exact text; a change returns a new text."""

    def __init__(self, text: str, entries: Iterable[IgnoreEntry]) -> None:
        self.text = text
        self.entries = tuple(entries)
        self._by_salt: dict[bytes, dict[int, list[IgnoreEntry]]] = defaultdict(lambda: defaultdict(list))
        self._by_place: dict[tuple[str, str], list[IgnoreEntry]] = defaultdict(list)
        self._digests: dict[bytes, bytes] = {}
        for entry in self.entries:
            if entry.key is None:
                self._by_place[entry.scope, short_rule(entry.rule)].append(entry)
            else:
                self._by_salt[entry.key.salt][entry.key.tag].append(entry)

    @classmethod
    def parse(cls, text: str) -> tuple[IgnoreFile, tuple[Problem, ...]]:
        """Parse a file; also return its problems. A line that is not understood stays in the text."""
        problems: list[Problem] = []
        entries: list[IgnoreEntry] = []
        salts: set[bytes] = set()
        for number, line in enumerate(split_lines(text.removeprefix("\ufeff"))):
            found = _parsed_line(line, number, salts)
            if isinstance(found, IgnoreEntry):
                entries.append(found)
            elif found is not None:
                problems.append(Problem(IGNORE_FILE, number, f"The line {found}."))
            if number >= MAX_LINES:
                problems.append(Problem(IGNORE_FILE, number, f"Only {MAX_LINES} lines are read; prune it."))
                break
        return cls(text, entries), tuple(problems)

    def matches(self, secret: Secret, rule: str, relative_path: str, today: date) -> IgnoreEntry | None:
        """Return the entry that applies to a token at a path on a day, if any."""
        return next(self.holding(secret, rule, relative_path, today), None)

    def holding(self, secret: Secret, rule: str, relative_path: str, today: date) -> Iterator[IgnoreEntry]:
        """Yield every entry that applies to a token at a path on a day."""
        path = encoded_path(relative_path)
        here = self._by_place.get((path, encoded_path(short_rule(rule))), ())
        # A strong token of the same rule is a new one, which nobody has reviewed.
        if here and _is_guessable(secret, rule):
            yield from (entry for entry in here if not entry.has_expired(today))
        yield from (e for e in self._keyed(secret) if not e.has_expired(today) and e.holds_for(path))

    def with_entries(self, additions: Iterable[NewIgnoreEntry]) -> tuple[str, tuple[IgnoreEntry, ...]]:
        """Return the file's text with entries for the tokens added, and those entries in the tokens' order.

        An entry for the same value and scope is replaced.
        """
        salts = Counter(entry.key.salt for entry in self.entries if entry.key is not None)
        salt = salts.most_common(1)[0][0] if salts else secrets.token_bytes(12)
        entries: list[IgnoreEntry] = []
        replaced: list[IgnoreEntry] = []
        for addition in additions:
            entry = self._entry(addition, salt)
            if entry.key is None:
                replaced += self._by_place.get((entry.scope, entry.rule), [])
            else:
                replaced += [other for other in self._keyed(addition.secret) if other.scope == entry.scope]
            entries.append(entry)
        return _inserted(self.without(replaced), set(map(str, entries))), tuple(entries)

    def without(self, entries: Collection[IgnoreEntry]) -> str:
        """Return the file's text without some entries, otherwise unchanged."""
        gone = {entry.line for entry in entries}
        return "".join(line for number, line in enumerate(split_lines(self.text)) if number not in gone)

    def stale(self, ignored: Iterable[IgnoredDetection], today: date) -> tuple[tuple[IgnoreEntry, str], ...]:
        """Return the entries that a scan of the whole workspace did not need, each with the reason."""
        used = {record.by for record in ignored}
        expired = ((e, f"expired on {e.until}") for e in self.entries if e.has_expired(today))
        idle = (
            (e, "its token is no longer found")
            for e in self.entries
            if not e.has_expired(today) and _name(e) not in used
        )
        return tuple(sorted((*expired, *idle), key=lambda pair: pair[0].line))

    def _keyed(self, secret: Secret) -> list[IgnoreEntry]:
        value = _encoded(secret)
        return [
            entry
            for salt, by_tag in self._by_salt.items()
            for entry in by_tag.get(tag_of(value, salt), ())
            if entry.key is not None and self._knows(entry.key, value)
        ]

    def _digest(self, value: bytes, salt: bytes) -> bytes:
        remembered = hmac.digest(salt, value, "sha256")
        if remembered not in self._digests:
            self._digests[remembered] = digest_of(value, salt)
        return self._digests[remembered]

    def _knows(self, key: IgnoreKey, value: bytes) -> bool:
        """Return whether a key with a value's tag is that value's; hostile tags are tried only up to a limit."""
        is_new = hmac.digest(key.salt, value, "sha256") not in self._digests
        if is_new and len(self._digests) >= len(self.entries) + MAX_WRONG_TAGS:
            return False
        return hmac.compare_digest(key.digest, self._digest(value, key.salt))

    def _entry(self, addition: NewIgnoreEntry, salt: bytes) -> IgnoreEntry:
        secret, rule = addition.secret, encoded_path(short_rule(addition.rule))
        why = " ".join(shown(addition.reason.replace(secret.reveal(), "…")).split()) or "no reason given"
        why = why[: MAX_LINE_CHARACTERS // 2].rstrip()
        if _is_guessable(secret, addition.rule):
            return IgnoreEntry(encoded_path(addition.path), rule, None, addition.until, why)
        value = _encoded(secret)
        key = IgnoreKey(salt, tag_of(value, salt), self._digest(value, salt))
        return IgnoreEntry(encoded_path(addition.scope, keep="*"), rule, key, addition.until, why)


@dataclass(frozen=True, slots=True)
class NewIgnoreEntry:
    """A token to allow.

    Attributes:
        secret: the token; if it could be guessed, the entry applies to its rule in its file only.
        path: relative to the workspace, with `/`.
        until: the last day on which the entry applies.
        scope: the paths that it applies to, with `*` and `**`.
    """

    secret: Secret
    rule: str
    path: str
    reason: str
    until: date | None = None
    scope: str = ANYWHERE


class IgnoredTokens:
    """An ignore file, applied as of today."""

    def __init__(self, file: IgnoreFile, today: Callable[[], date]) -> None:
        self._file = file
        self._today = today

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        entry = self._file.matches(candidate.secret, candidate.rule, candidate.path, self._today())
        return _name(entry) if entry else None


def _parsed_line(line: str, number: int, salts: set[bytes]) -> IgnoreEntry | str | None:
    content = line.strip()
    if not content or content.startswith("#"):
        return None
    if len(content) > MAX_LINE_CHARACTERS:
        return f"is longer than {MAX_LINE_CHARACTERS} characters; shorten it"
    entry = parse_entry(content, number)
    if isinstance(entry, IgnoreEntry) and entry.key is not None:
        if entry.key.salt not in salts and len(salts) >= MAX_SALTS:
            return f"brings more than {MAX_SALTS} salts into the file; remove it and ignore the token again"
        salts.add(entry.key.salt)
    return entry


def _inserted(text: str, new: Iterable[str]) -> str:
    lines = split_lines(text or _HEADER)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    places = [
        number for number, line in enumerate(lines) if isinstance(parse_entry(line.strip(), 0), IgnoreEntry)
    ]
    last = places[-1] + 1 if places else len(lines)
    before: dict[int, list[str]] = defaultdict(list)
    for entry in sorted(new):
        before[next((n for n in places if lines[n].strip() > entry), last)].append(entry)
    result: list[str] = []
    for number, line in enumerate([*lines, ""]):
        for entry in before[number]:
            if result and result[-1] and not result[-1].endswith(("\n", "\r")):
                result[-1] += ending
            result.append(f"{entry}{ending}")
        result.append(line)
    return "".join(result)


def _is_guessable(secret: Secret, rule: str) -> bool:
    from tokenward.detection.suppress.guessability import is_guessable  # noqa: PLC0415 - few files have entries

    return is_guessable(secret.reveal(), provider_of(rule).prefixes)


def _encoded(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")


def _name(entry: IgnoreEntry) -> str:
    return f"{IGNORE_FILE}:{entry.line + 1}"
