"""`.tokenwardignore`: tokens to ignore, recognised by value, in a form that is safe to commit."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

from tokenward.detection.rules.providers import provider_of
from tokenward.detection.suppress.ignore_entry import (
    ANYWHERE,
    IgnoreEntry,
    IgnoreKey,
    digest_of,
    encoded_path,
    parse_entry,
    tag_of,
)
from tokenward.detection.suppress.suppressor import IgnoreCandidate, short_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.model import IgnoredDetection, Secret
from tokenward.places import shown
from tokenward.problem import Problem
from tokenward.text import split_lines

IGNORE_FILE = ".tokenwardignore"
MAX_LINES = 20_000
MAX_LINE_CHARACTERS = 2_000
# Each salt may cost every value a slow hash, so a hostile file must not bring many.
MAX_SALTS = 8
MAX_WRONG_TAGS = 10_000
"""Slow hashes in addition to one for each entry; after them, a value not seen before counts as new."""
_HEADER = "# Tokens that are known and allowed. Any order; one a line: SCOPE RULE KEY UNTIL # REASON\n"


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
