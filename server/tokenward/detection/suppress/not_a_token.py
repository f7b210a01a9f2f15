"""Matches that are not findings: references, placeholders, handles, and those with an ignore comment."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from operator import sub

from tokenward.detection.generic.names import names_a_handle
from tokenward.detection.generic.randomness import UUID, is_random
from tokenward.model import Span, references_in
from tokenward.names import IGNORE_COMMENT, IGNORE_NEXT_LINE_COMMENT
from tokenward.text import LineTable

_IGNORE_HERE = re.compile(
    rf"{IGNORE_COMMENT}(?![\w-])"
    r"|tokenward:allow(?![\w-])"
    r"|(?:gitleaks|betterleaks):allow\b"
    r"|kingfisher:ignore\b"
    r"|trufflehog:ignore\b"
    r"|pragma:\s*(?:allow|white)list[ -]secret\b"
    r"|\bggignore\b"
    r"|\bsecretlint-disable-line\b",
    re.IGNORECASE,
)
_IGNORE_BELOW = re.compile(
    rf"{IGNORE_NEXT_LINE_COMMENT}(?![\w-])"
    r"|tokenward:allow-next-line(?![\w-])"
    r"|pragma:\s*(?:allow|white)list[ -]nextline[ -]secret\b"
    r"|\bsecretlint-disable-next-line\b",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"\A\$\w+\Z|\$\{\w|\{\{|\A<[^>]*>\Z|\A%\w+%\Z|\AENC[\[(]|\A(?:op://|ref\+[a-z]|arn:aws[a-z-]*:)"
)
"""A variable or a template's field to be filled in, an encrypted value, or a secrets manager's reference."""
_FILLER = re.compile(
    r"example|placeholder|redacted|change[_-]?(?:me|this|it)|replace[_-]?(?:me|this|with)|in[_-]production|insert"
    r"|dummy|sample|fake|fixme|default|your|secret|password|token|x{4,}|\*{4,}|(.)\1{5,}|[_.-]+",
    re.IGNORECASE,
)
_WELL_KNOWN = re.compile(
    r"(?:admin(?:istrator)?|anon(?:ymous|cvs)?|root|toor|user|guest|test|demo|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|redis"
    r"|rabbit(?:mq)?|minio(?:admin)?|elastic|neo4j|cassandra|oracle|vagrant|keycloak|grafana|s3cr[3e]t|p[a@][s$]{2}"
    r"|p[a@][s$]{2}w[o0]rd|letmein|welcome|hunter|qwerty|foobar|hello|x-(?:oauth-basic|token-auth|access-token))"
    r"[\W\d_]{0,6}",
    re.IGNORECASE,
)
"""Well-known defaults of programs and examples in documentation."""
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_LONGEST_SEQUENCE, _MOST_SUCCESSORS, _FEWEST_PAIRS = 300, 0.6, 8
_NO_DIGITS, _NO_LETTERS = re.compile(r"\D"), re.compile(r"[^a-z]")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = frozenset(
    pair
    for row in (*_ROWS, "1234567890", "qaz", "wsx", "edc", "rfv", "tgb", "yhn", "ujm")
    for a, b in pairwise(row)
    for pair in ((a, b), (b, a))
)
"""The pairs of keys that are beside or above each other."""
_FOLLOWING = frozenset(
    pair
    for row in ("01234567890", "abcdefghijklmnopqrstuvwxyza", "fa", "qwertz", *_ROWS)
    for pair in pairwise(row)
)
"""The pairs of which one follows the other in the alphabet, in digits or hex, or on a keyboard."""
_ROW, _FEWEST_LETTERS, _FEWEST_BEYOND_HEX, _MOST_ON_ROW = frozenset(_ROWS[1]), 7, 4, 0.8
_FEWEST_STEPS = 5
_USER = r"(?i:user\w{0,8}|login|role|name|database|db)\W{1,8}"
_AWS_EXAMPLE = re.compile(r"EXAMPLE(?:KEY)?\Z")
"""The end of made-up keys in AWS's documentation."""
_URL_PASSWORD = re.compile(r"\A[A-Za-z][\w+.-]*://[^\s/@]*:([^\s/]+)@")
_FEWEST_DISTINCT_CHARACTERS = 6
_OBJECT_NAME = re.compile(
    r"""(?:\bname["']?\s*[:=]\s*["']?|oauth(?:access|authorize)tokens?[\w.]*[/\s])\Z""", re.IGNORECASE
)
_LONGEST_OBJECT, _FARTHEST_USER = 60, 80
_NAME_BEFORE = re.compile(
    r"([A-Za-z][\w.-]{2,59})(?:\\{0,3}[\"'`\]]){0,2}(?:\s{0,4}(?:=>|:=|[:=>])\s{0,4}|,?\s{1,8})\\{0,3}[\"'`]?\Z"
)
_LONGEST_BEFORE = 90
_OF_A_CALL = re.compile(
    r"(?i:(?:--)?[a-z-]*(?:client|request|action|operation|activity|task|job|upload)[_-]?tokens?)\Z"
)
"""What makes a call idempotent, or names one that is running, if it is a UUID; in snake case, Vault's tokens."""
_NUMBERED_KIND = re.compile(r"([a-z]+(?:-[a-z]+)*)-(?=[a-z]*\d)[0-9a-z]{8,20}")
_OBJECT = re.compile(r"[a-z][\w-]*/[\w./-]+")
_OF_AN_ADDRESS = re.compile(r"[?&](?:amp;)?key=\Z")


def is_placeholder(value: str) -> bool:
    """Return whether a value is meant to be replaced, and so gives no access.

    Of a URL, only the password counts, and words such as `example` only if they make up most of the value: a real
    password may contain one, and a real host often does.
    """
    in_url = _URL_PASSWORD.match(value)
    secret = in_url[1] if in_url else value
    filler = sum(len(found[0]) for found in _FILLER.finditer(secret))
    return (
        bool(_TEMPLATE.search(secret))
        or bool(_AWS_EXAMPLE.search(secret))
        or bool(_WELL_KNOWN.fullmatch(secret))
        or _counts_up(secret)
        or (_HEX.fullmatch(secret) is not None and _says_words(bytes.fromhex(secret)))
        or _is_typed_at_random(secret)
        or 2 * filler > len(secret)
        or (len(set(secret)) < _FEWEST_DISTINCT_CHARACTERS and in_url is None)
    )


def _counts_up(value: str) -> bool:
    """Return whether most characters follow those before, as in `123456`, `a1b2c3d4`, `AbC1Def2` and `qwertz`."""
    if not 1 < len(value) <= _LONGEST_SEQUENCE:
        return False
    codes = [*map(ord, value)]
    successors = sum(map((1).__eq__, map(sub, codes[1:], codes)))
    if successors >= _MOST_SUCCESSORS * (len(value) - 1):
        return True
    runs = (_NO_DIGITS.sub("", value), _NO_LETTERS.sub("", value.lower()))
    pairs = [pair for run in runs for pair in pairwise(run)]
    following = sum(map(_FOLLOWING.__contains__, pairs))
    return len(pairs) >= _FEWEST_PAIRS and following > _MOST_SUCCESSORS * len(pairs)


def _is_typed_at_random(value: str) -> bool:
    """Return whether most letters are on one row of the keyboard, as in `lsdkfhj230`; in hex, that means nothing."""
    if not value.islower():
        return False
    letters = _NO_LETTERS.sub("", value)
    beyond_hex = re.sub(r"[a-f]", "", letters)
    return (
        len(letters) >= _FEWEST_LETTERS
        and len(beyond_hex) >= _FEWEST_BEYOND_HEX
        and all(
            sum(map(_ROW.__contains__, some)) >= _MOST_ON_ROW * len(some) for some in (letters, beyond_hex)
        )
    )


def is_walk(value: str) -> bool:
    """Return whether most letters are beside those before them on a keyboard, as in `1qazXSW`."""
    letters = _NO_LETTERS.sub("", value.lower())
    steps = [*pairwise(letters)]
    walked = sum(map(NEIGHBOURS.__contains__, steps))
    return (
        len(steps) >= _FEWEST_STEPS
        and walked >= _MOST_SUCCESSORS * len(steps)
        and letters.strip("abcdef") != ""
    )


def _says_words(content: bytes) -> bool:
    """Return whether bytes count up, or are a text that no machine made."""
    text = content.decode("latin-1")
    return _counts_up(text) or (content.isascii() and text.isprintable() and not is_random(text))


def repeats_its_user(text: str, span: Span) -> bool:
    """Return whether a span is a password that repeats the user's name, as in `//app:app@` and `-u app -p app`."""
    password = text[span.start : span.end]
    before = text[max(span.start - _FARTHEST_USER, 0) : span.start]
    is_word, in_url = password.isalpha(), text.startswith("@", span.end)
    # To compile a regex for a value takes far longer than to look for it.
    if not (is_word or in_url) or password not in before:
        return False
    named = rf"{re.escape(password)}(?!\w)"
    is_beside = re.search(rf"(?<!\w){named}", before[before.rfind("\n") + 1 :])
    return bool(is_beside) or (is_word and bool(re.search(_USER + named, before)))


def is_reference(text: str, span: Span) -> bool:
    """Return whether a span of the text touches a `keyring://` reference."""
    nearby = text[max(0, span.start - 300) : span.end + 300]
    base = max(0, span.start - 300)
    here = Span(span.start - base, span.end - base)
    return any(place.overlaps(here) for place, _ in references_in(nearby))


def names_an_object(text: str, span: Span) -> bool:
    """Return whether a span is the name of OpenShift's record of a token, which looks like one but gives no access."""
    before = text[max(0, span.start - _LONGEST_OBJECT) : span.start]
    return text.startswith("sha256~", span.start) and bool(_OBJECT_NAME.search(before))


def is_handle(text: str, span: Span) -> bool:
    """Return whether a value is a cursor, makes a request idempotent, is an id of a resource, or an object's name."""
    value = text[span.start : span.end]
    before = text[max(0, span.start - _LONGEST_BEFORE) : span.start]
    if _OF_AN_ADDRESS.search(before):
        return _OBJECT.fullmatch(value) is not None
    named = _NAME_BEFORE.search(before)
    if named is None:
        return False
    name = named[1]
    if UUID.fullmatch(value) and "_" not in name and _OF_A_CALL.search(name):
        return True
    return names_a_handle(name) or _is_id_of_its_kind(name, value)


def _is_id_of_its_kind(name: str, value: str) -> bool:
    """Return whether a value is an id that begins with its name, as in `ExportToken: export-token-…`."""
    kind = _NUMBERED_KIND.fullmatch(value)
    letters = re.sub(r"[^a-z]", "", name.lower())
    return (
        kind is not None
        and letters.endswith("token")
        and letters != "token"
        and kind[1].replace("-", "") in (letters, letters.removesuffix("token"))
    )


class IgnoreComments:
    """The ignore comments of a text; each line is searched at most once, however many findings it has."""

    def __init__(self, table: LineTable) -> None:
        self._here = cache(lambda line: bool(_IGNORE_HERE.search(table.line(line))))
        self._below = cache(lambda line: bool(_IGNORE_BELOW.search(table.line(line))))

    def cover(self, first: int, last: int) -> bool:
        """Return whether a comment is on a token's first or last line, or applies from the line above."""
        return self._here(first) or self._here(last) or (first > 0 and self._below(first - 1))
