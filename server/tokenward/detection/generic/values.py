"""Decides whether a value may be a secret: it is random enough, or looks like a password made by a person.

Passwords that are obfuscated and not encrypted are decoded: Jetty's `OBF:`, and type 7 of Cisco's devices.
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from tokenward.detection.generic.names import NameClaim, claim_of, words_of_programs, words_of_sentences
from tokenward.detection.generic.randomness import UUID, bits_a_character, is_random

_OBFUSCATED = re.compile(r"OBF:((?:U[0-9a-z]{4}|[0-9a-z]{4}){1,100})")
_TYPE_7 = re.compile(r"(?:[0-4][0-9]|5[0-2])(?:[0-9A-Fa-f]{2})+")
_KEY_OF_TYPE_7 = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
_PAIR, _OFFSET, _BYTE = 4, 254, 2**8
_LONGEST = 4_096
_WEAK_WORDS = re.compile(
    r"change.?(?:this|it)|replace|your|dummy|sample|insert|todo|fixme|fake|foo|bar|baz|lorem|x{3,}|invalid|test"
    r"|secret|token|p[a@][s$0-9]{1,2}w(?:[o0]r[dt]|d)?|pass|api|key|admin|root|user|guest|default|qwerty|asdf"
    r"|demo|mock|temp|deadbeef|cafebabe|badc0ffee|feedface|login|access|none|null|undefined|value|string"
    r"|here|my|the|abc|new|pwd|123+4*5*6*7*8*9*0*"
)
_WELL_KNOWN = re.compile(rf"{_WEAK_WORDS.pattern}|letmein|welcome|hello|world|monkey|dragon|iloveyou|master")
"""The same and words that people choose for passwords."""
_ONE_WORD = re.compile(r"[!-~\w]*")
_AS_LETTERS = str.maketrans("013457@$!", "oieastasi")
_SPECIAL = r"[!@#$%^&*+?~=|;]"
_WORD = r"[^\W\d_]{3,12}"
_WORDS = re.compile(
    rf"(?:{_WORD}[._-]){{2,5}}\d{{2,6}}|(?:{_WORD}[._-]){{1,5}}{_WORD}[._-]?\d{{2,6}}|(?:[A-Z][a-z]{{1,12}}){{3,8}}\d{{2,6}}"
    rf"|(?:[^\W\d_]{{4,12}}[ -]){{3,7}}[^\W\d_]{{4,12}}|[a-z]{{5,14}}\d\d"
)
"""Words and a number, or at least four words."""
_LETTERS = re.compile(r"[a-z]{12,30}|[a-z]{4,20}[+&_-][a-z]{4,20}|(?:[a-z]{4,12}[._-]){2,7}[a-z]{4,12}")
"""Words without a number: two or more together, or with signs between."""
_NUMBERED_WORDS = re.compile(r"(?=.{9,40}\Z)(?:[^\W\d_]{2,14}[ ]){1,6}(?:[^\W\d_]{2,14})?\d{1,4}[!?]?")
"""Words with blanks between, and a number at the end."""
_PHRASE, _NUMBER = re.compile(r"(?:[a-z]{4,12}[ ]){3,7}[a-z]{4,12}"), re.compile(r"\d{8}|\d{16}|\d{20}")
_MADE_UP = re.compile(
    r"(?=.{8,40}\Z)(?:(?=.*\d)(?:\d{1,4}(?=[^\W\d_]{5}))?[^\W\d_]|(?=.*[a-z])(?=.*[A-Z])[^\W\d_]{3,}[._+&,!?*=~#-])[\w.+&,!?*=~#%$@^-]+"
    r"|(?=.{8,40}\Z)(?:[A-Z]?[a-z]{3,12})(?:[A-Z][a-z]{2,12}){1,4}"
)
"""A word with a digit, two of which one has a capital and a sign between, or two with capitals."""
_WEAK = re.compile(
    r"(?=.{6,60}\Z)(?:[!#*+=?~^_-]?[^\W_][\w.+&,;:!?*=~#%$@^-]*|(?:[^\W_]{1,14}[ ]){2,7}[^\W_]{1,14}[.!?]?)"
)
"""Whatever a person may choose: also one word, a number, or a sentence."""
_PARTS = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+")
_LEET = re.compile(r"[A-Za-z_]+(?:[013457@$]+[A-Za-z_]+)+")
_MOST_FILLER = 0.45
_MOST_OF_A_WORD = 4.4
_SHORTEST = {NameClaim.PASSWORD: 8, NameClaim.SECRET: 10, NameClaim.MAYBE: 16}
_STRICTNESS_OF_A_PATH = 0.6
_FEWEST_READABLE, _MOST_READABLE = 12, 1_000
_SHORTEST_PASSWORD, _SHORTEST_WEAK, _SHORTEST_OF_LETTERS, _LONGEST_OF_A_PERSON = 8, 6, 18, 40
_SHORTEST_WORD, _SHORTEST_JOINED, _SHORTEST_PAIR = 6, 4, 12
_OF_DJANGO = re.compile(r"(?=.*[!@#%^&*=+])[a-z0-9!@#$%^&*(_=+)-]{50}")
"""The form of the keys that Django makes, which may hold what looks like a template or a call."""
_TEMPLATES = (
    *("references", "templates", "regular_expressions", "encrypted", "marked_hashes"),
    *("public_keys", "publishable", "placeholders", "forms", "elided", "dummies", "artifacts"),
)
"""The kinds of public.toml that are no secret at any place, whereas a token may be a UUID, and a password a hash."""
_Patterns = tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]
_STRICTNESS = {NameClaim.PASSWORD: 0.0, NameClaim.SECRET: 0.0, NameClaim.MAYBE: 0.2}


def plain_of(value: str) -> str:
    """Return the plain text of a password that Jetty obfuscated; any other value unchanged."""
    found = _OBFUSCATED.fullmatch(value)
    if found is None:
        return value
    content = bytearray()
    rest = found[1]
    while rest:
        is_single = rest[0] == "U"
        number = int(rest[is_single : is_single + _PAIR], 36)
        high, low = divmod(number, _BYTE)
        content.append((high if is_single else (high + low - _OFFSET) >> 1) % _BYTE)
        rest = rest[is_single + _PAIR :]
    return content.decode("latin-1")


def plain_of_type_7(value: str) -> str:
    """Return the plain text of a password that Cisco's devices show as type 7; any other value unchanged."""
    if not _TYPE_7.fullmatch(value):
        return value
    start = int(value[:2])
    pairs = enumerate(bytes.fromhex(value[2:]), start)
    text = bytes(one ^ _KEY_OF_TYPE_7[place % len(_KEY_OF_TYPE_7)] for place, one in pairs).decode("latin-1")
    return text if text.isascii() and text.isprintable() else value


class Demands(NamedTuple):
    """The requirements for a value, depending on its context.

    Attributes:
        strictness: additional bits per character that it must have.
        shortest: the fewest characters that it must have, unless its name requires more.
        by_a_person: it may also be a password that a person made up.
        is_unique: it may also be a UUID.
        is_weak: a password may also be one word, since nothing else can be in its place.
        is_known: it may even be one that everybody knows.
    """

    strictness: float = 0.0
    shortest: int = 0
    by_a_person: bool = False
    is_unique: bool = False
    is_weak: bool = False
    is_known: bool = False


def may_be_secret(value: str, claim: NameClaim, demands: Demands) -> bool:
    """Return whether a value, without quotes, may be the secret that its name suggests."""
    by_a_person = demands.by_a_person and claim is not NameClaim.MAYBE
    is_password = by_a_person and claim is NameClaim.PASSWORD
    is_weak = is_password and demands.is_weak and is_weak_password(value)
    shortest = max(demands.shortest, _SHORTEST_PASSWORD if by_a_person else _SHORTEST[claim])
    shortest = _SHORTEST_WEAK if is_weak else shortest
    is_phrase = is_password and (is_weak or _PHRASE.fullmatch(value) or _is_numbered_phrase(value))
    if not shortest <= len(value) <= _LONGEST or not (is_phrase or _ONE_WORD.fullmatch(unescaped(value))):
        return False
    is_number = _NUMBER.fullmatch(value) or (is_weak and value.isdigit())
    is_unique = (demands.is_unique and UUID.fullmatch(value)) or (is_password and is_number)
    is_chosen = demands.is_known and is_password and is_of_a_person(value)
    filler = _WEAK_WORDS if is_password else _WELL_KNOWN
    if (is_public(value) and not is_unique) or (is_filler(value, filler) and not is_chosen):
        return False
    if claim is not NameClaim.PASSWORD and is_leet(value):
        return False
    decoded = _readable(value)
    if decoded is not None:
        return may_be_secret(decoded, claim, demands)
    required = (
        demands.strictness + _STRICTNESS[claim] + (_STRICTNESS_OF_A_PATH if value.startswith("/") else 0)
    )
    if is_chosen or is_weak or (by_a_person and _is_password(value, claim)):
        return True
    # Names of people, reversed or cut, are as random as short values of letters.
    is_name = value.replace("-", "").isalpha() and not value.islower() and len(value) < _SHORTEST_OF_LETTERS
    return not (is_name and not demands.by_a_person) and is_random(value, required)


def is_filler(value: str, words: re.Pattern[str] = _WELL_KNOWN) -> bool:
    """Return whether placeholder words, or others, make up much of a value."""
    lowered = value.lower()
    filler = max(
        sum(len(match[0]) for match in words.finditer(text))
        for text in {lowered, lowered.translate(_AS_LETTERS)}
    )
    return filler > _MOST_FILLER * len(value)


def is_leet(value: str) -> bool:
    """Return whether a value is words with digits and signs for some letters, such as `S3nsit1ve`."""
    if not _LEET.fullmatch(value):
        return False
    letters = value.translate(_AS_LETTERS)
    return bits_a_character(letters) < _MOST_OF_A_WORD


def _readable(value: str) -> str | None:
    """Return the text that a value encodes in Base64 or obfuscates; None if it encodes none."""
    if (plain := plain_of(value)) != value:
        return plain
    if not _FEWEST_READABLE <= len(value) <= _MOST_READABLE:
        return None
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        return None
    return text.strip() if "".join(text.split()).isprintable() else None


def unescaped(value: str) -> str:
    """Return what a URL's escapes say: `A%20name` is two words; `oak%91` says nothing, so that it is no escape."""
    text = unquote(value, errors="surrogateescape") if "%" in value else value
    return text if text.isprintable() else value


def is_of_a_person(value: str) -> bool:
    """Return whether a value looks like a password that a person made up."""
    return _is_password(value, NameClaim.PASSWORD)


def _is_password(value: str, claim: NameClaim) -> bool:
    """Return whether a value has the kinds of characters that password policies require, or is a passphrase."""
    if "/" in value:
        return False
    has_special, has_digit = re.search(_SPECIAL, value) is not None, re.search(r"\d", value) is not None
    if has_special and has_digit and len(value) <= _LONGEST_OF_A_PERSON:
        return value.upper() != value.lower()
    if claim is not NameClaim.PASSWORD:
        return False
    if _WORDS.fullmatch(value):
        words = [word.lower() for word in _PARTS.findall(value)]
        if 2 * sum(word in words_of_programs() for word in words) < len(words):
            return True
    if _is_numbered_phrase(value):
        return True
    is_made_up = any(form.fullmatch(value) for form in (_LETTERS, _NUMBER, _MADE_UP))
    return is_made_up and not is_of_programs(value)


def _is_numbered_phrase(value: str) -> bool:
    """Return whether a value is some words and a number, and no sentence or label of a program."""
    words = {word.lower() for word in _PARTS.findall(value)}
    return _NUMBERED_WORDS.fullmatch(value) is not None and words.isdisjoint(words_of_sentences())


def is_weak_password(value: str) -> bool:
    """Return whether a value may be a password where nothing else can be."""
    is_label = value.isalpha() and not value.isascii()
    return _WEAK.fullmatch(value) is not None and not is_label and not is_of_programs(value)


def is_of_programs(value: str) -> bool:
    """Return whether a value is made of words of programs; beside a capital and a digit, most of it must be."""
    if claim_of(value) is not NameClaim.NOTHING:
        return True
    parts = _PARTS.findall(value)
    of_programs = [
        part
        for part in parts
        if part.lower() in words_of_programs()
        or _any_word_of_programs(part.islower() and len(part) >= _SHORTEST_PAIR).search(part.lower())
    ]
    if re.search(r"\d", value) and re.search(r"[A-Z]", value):
        return 2 * len("".join(of_programs)) > len("".join(parts))
    return bool(of_programs)


@cache
def _any_word_of_programs(joined: bool) -> re.Pattern[str]:
    """Return a pattern for the words that may be part of another one; of joined words also the short ones."""
    shortest = _SHORTEST_JOINED if joined else _SHORTEST_WORD
    return re.compile("|".join(one for one in words_of_programs() if len(one) >= shortest and one.isalpha()))


def is_public(value: str) -> bool:
    """Return whether a value is public whatever its name, such as a reference, template, hash, address or code."""
    return _matches(value, _public_patterns())


def is_template(value: str) -> bool:
    """Return whether a value is filled in or looked up later, is encrypted, or says that it is a placeholder."""
    return _matches(value, _public_patterns(_TEMPLATES))


def is_publishable(value: str) -> bool:
    """Return whether a value is a key that its provider made for the code of web pages."""
    begins, _, _ = _public_patterns(("publishable",))
    return begins.match(value) is not None


def _matches(value: str, patterns: _Patterns) -> bool:
    begins, whole, holds = patterns
    if not (begins.match(value) or whole.fullmatch(value) or holds.search(value)):
        return False
    return not (_OF_DJANGO.fullmatch(value) and is_random(value))


@cache
def _public_patterns(only: tuple[str, ...] = ()) -> _Patterns:
    """Load from public.toml what public values begin with, are, or contain."""
    table = tomllib.loads(Path(__file__).with_name("public.toml").read_text("utf-8"))
    kinds = [table[name] for name in only or table]
    begins, whole, holds = (
        re.compile("|".join(one for kind in kinds for one in kind.get(place, ())), re.IGNORECASE)
        for place in ("begins", "whole", "holds")
    )
    return begins, whole, holds
