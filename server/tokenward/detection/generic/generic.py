"""Tokens that only their names identify: assignments with a name for secrets and a value that can be one.

A name may also be above its values, as in CSV and in an `INSERT`; its parent is the object, mapping, section or file
that it is in.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from tokenward.detection.generic.assignment import (
    NamedValue,
    assignment_at,
    next_assignment,
    next_element,
    without_asides,
)
from tokenward.detection.generic.files import FileKind, is_of_credentials, is_test, kind_of
from tokenward.detection.generic.names import NameClaim, claim_of, claim_of_key_in
from tokenward.detection.generic.randomness import is_random
from tokenward.detection.generic.values import Demands, may_be_secret
from tokenward.model import Span

_FARTHEST = 1_500
"""The most characters before a name that are searched."""
_LONGEST_NAME = 80
"""The most characters of a name and what follows it; a search in more takes milliseconds."""
_BRACKET = re.compile(r"[{}\[\]()]")
_BEFORE_BRACKET = re.compile(r"([\w.$-]{1,60})[\"'`]?\s{0,8}(?:=>|:=|[:=])?\s{0,8}\Z")
_PATH = re.compile(r"([\w-]{1,60})[:.]\Z")
_SECTION = re.compile(r"\[[\"']?([\w.: -]{1,80})[\"']?\][ \t]*\Z")
_MAPPING = re.compile(r"([ \t]*)(?:- +)?[\"']?([\w.-]{1,60})[\"']?:[ \t]*(?:#.*)?\Z")
_INSERT = re.compile(r"insert\s+into\s[^(]*\(([^()]*)\)\s*values\s*", re.IGNORECASE)
_OPENING, _CLOSING = re.compile(r"\s*\(\s*"), re.compile(r"\)\s*,?")
# Nothing that was read is tried in another way, which takes quadratic time in texts made for it.
_CELL_OF_SQL = re.compile(
    r"(?:N?'((?:[^'\\]|\\.|'')*+)'|\"((?:[^\"\\]|\\.)*+)\"|((?:[^,'\"()]|\([^()]*+\))*+))\s*+(?:,\s*+|(?=(\))))"
)
_CELL = {
    mark: re.compile(rf'[ ]*+(?:"((?:[^"]|"")*+)"|()([^{mark}"\r\n]*+))[ ]*+(?:{re.escape(mark)}|(\r?\n|\Z))')
    for mark in (",", ";", "\t", "|")
}
_MOST_ROWS = 2_000
MayBeSecret = Callable[[str, NameClaim, Demands], bool]
_OTHER_USE = re.compile(
    r"\b(?:sha\d*|md5|hash\w*|verify|(?:get)?(?:element|query)\w*|type(?!\W{1,6}string\b)|name|id|url|uri|path|file|field|column|label"
    r"|error|message|len|length|count|index|format|translate|gettext|t|i18n\w*|_|import|require|(?<!Buffer\.)(?<!::)from|find\w*|match"
    r"|style|class|href|onclick|startswith|endswith|replace|split|strip|join|print\w*|log\w*|raise|throw|regex\w*|compile|test|has|contains"
    r"|includes)\b",
    re.IGNORECASE,
)
"""Text between a name and a quoted text that shows that the latter is not the value."""
_LOOK_UP = re.compile(
    r"(?:\b|_)(?:get(?!;)\w*|fetch\w*|load\w*|read\w*|open|select|lookup|environ)\b", re.IGNORECASE
)
"""Text between the two that shows that the quoted text is the value's name."""
_GETTER = re.compile(r"(?:get|fetch|load|read|find|has|is|require|request)(?:_|[A-Z]).*")
"""A function that looks up what its argument names."""
_MAY_BE_UUID = re.compile(
    r"(?:token|secret|pass(?:word|wd|phrase)?|pwd|(?:api|private|secret|license)[_.-]?key)(?:[_-]?value)?\Z",
    re.IGNORECASE,
)
"""Names whose values may be UUIDs, unlike those of keys, which are often ids."""
_FINGERPRINT, _OF_OPENPGP = (
    re.compile(r"[0-9A-F]{40}"),
    re.compile(r"(?i)(?:private|secret|sign\w*)[ _-]?key\Z"),
)
_SHA1 = re.compile(r"[0-9a-f]{40}|[0-9A-F]{40}")
_HASH = re.compile(r"(?:[0-9a-fA-F]{32}){1,8}|[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{43,}=*")
_OF_A_USER = re.compile(r"\$?(?:(?:user|db|expected)_?)?(?:password|passwd|passwort|pass|pwd)", re.IGNORECASE)
_SAYS_HASH = re.compile(
    r"\b(?:e-?mail|salt|iterations?|sha-?\d*|md5|hash(?:ed)?|roles?|pbkdf2|digest)\b", re.IGNORECASE
)
"""Text near the field of a user that says that its value is a hash if it has the form of one; SHA-1 needs no word."""
_NEAR, _BESIDE = 500, 100
_LOGIN = re.compile(
    r"(?<![a-z])(?:user(?:_?(?:name|id))?|login|log_?in|e-?mail|uid|benutzer(?:name)?|usuario|utilisateur|root|admin)[\"']?\s?(?:[:=,>]|=>|:=)\s*[\"']?[\w@.+-]{2}",
    re.IGNORECASE,
)
"""A user beside a password, which says that this is a value, and no word about one."""
_CHECKSUM = re.compile(r"(?:checksum|hash|digest)/[\w.-]{0,60}\Z|/(?:etc|tmp)/\Z", re.IGNORECASE)
"""The text before the name of a secret in an annotation or a list that holds only its hash."""
_LONGEST_ANNOTATION = 80
_COLUMNS = re.compile(r"insert\s|[^=:\n]*\n(?:[ |:-]+\n)?\Z", re.IGNORECASE)
"""A match that is a list of columns."""
_COMMA = re.compile(r"[\"'`]\s*,\s*(?:[\"'`]|\[|NULL|None|nil|\Z)?")
"""What parts the arguments and elements of which the name of a secret and its value would be two among several."""
_QUOTES = "\"'`"
_STRICT_KEY = 0.2
_OF_OTHERS_OR_UUID = Demands(by_a_person=True, is_unique=True)
_OF_LOGIN = Demands(by_a_person=True, is_unique=True, is_weak=True)
_OF_CREDENTIALS = Demands(by_a_person=True, is_unique=True, is_weak=True, is_known=True)
_OF_PROSE = Demands(0.6, 16)
_SAID_PASSWORD, _LISTED_PASSWORD = Demands(0.6, 8, by_a_person=True), Demands(0.6, 10, by_a_person=True)
_FIELD_OF_A_PAGE = re.compile(r"[\"'`]\)(?:\?\w+\(|\.(?:value|checked|val\(|innerHTML|focus|style)\b)")
_NEXT_WORD = re.compile(r"[ ][^\W\d_]")
_COMMENT = re.compile(r"(?:^|\s)(?:#|//|--|/?\*|<!--)[ ][^\"'`=(){}]*\Z")
_OF_CODE, _OF_A_TEST, _OF_OTHERS = Demands(0.6, 12), Demands(0.0, 10), Demands(by_a_person=True)
_THREE_QUOTES = ('"""', "'''")


def may_be_token(value: str) -> bool:
    """Return whether a match, from the name to the first characters of the value or its end, is worth judging."""
    if _COLUMNS.match(value):
        return True
    value = value.rstrip(_QUOTES)
    last_quote = max(map(value.rfind, _QUOTES))
    is_after = value[1:6].lower() == "value"
    return last_quote < 0 or is_after or not _OTHER_USE.search(without_asides(value[:last_quote]))


def tokens_at(text: str, span: Span, path: str, is_secret: MayBeSecret = may_be_secret) -> list[NamedValue]:
    """Return the assignment of the token in a match, and those of further tokens in its list or column."""
    if _COLUMNS.match(text, span.start, span.end):
        return [one for one in values_below(text, span) if _is_token_below(text, one, path)]
    tokens = []
    span = Span(span.start, span.start + len(text[span.start : span.end].rstrip(_QUOTES)))
    judged = _judged(text, span, path)
    while judged is not None:
        assignment, claim, demands = judged
        if not is_secret(assignment.text(text), claim, demands):
            break
        tokens.append(assignment)
        following = next_element(text, assignment)
        judged = (following, claim, demands) if following else None
    return tokens


def _is_token_below(text: str, value: NamedValue, path: str) -> bool:
    """Return whether a value of a column is a token; a column of users' passwords may be one of hashes."""
    claim = claim_of(value.name)
    is_hash = _OF_A_USER.fullmatch(value.name) and (
        _SHA1.fullmatch(value.text(text)) or _HASH.fullmatch(value.text(text))
    )
    return (
        claim is not NameClaim.NOTHING
        and not is_hash
        and may_be_secret(value.text(text), claim, _demands(text, value, path))
    )


def _judged(text: str, span: Span, path: str) -> tuple[NamedValue, NameClaim, Demands] | None:
    """Return the assignment in a match, and what its name and place say; None if its value is no token."""
    kind = kind_of(path)
    assignment = assignment_at(text, span, kind)
    if assignment is not None and assignment.quoted:
        assignment = _resolved(text, assignment)
    before = text[max(0, span.start - _LONGEST_ANNOTATION) : span.start]
    if assignment is None or ("/" in before and _CHECKSUM.search(before)):
        return None
    claim = claim_of(assignment.name)
    if claim is NameClaim.NOTHING:
        claim = _claim_of_parent(text, span, path, assignment)
    if claim is NameClaim.NOTHING or _OTHER_USE.search(without_asides(assignment.between)):
        return None
    if _FIELD_OF_A_PAGE.match(text, assignment.value.end) or _is_of_label(text, assignment, kind):
        return None
    if _is_hash(text, assignment):
        return None
    is_listed = "," in assignment.between and _COMMA.fullmatch(assignment.between)
    if is_listed and (assignment.said or _COMMA.match(text, assignment.value.end)):
        return assignment, claim, _OF_PROSE
    is_documented = assignment.quoted and path.endswith(".py") and _is_in_docstring(text, span.start)
    return assignment, claim, _OF_A_TEST if is_documented else _demands(text, assignment, path)


def _demands(text: str, assignment: NamedValue, path: str) -> Demands:
    """Return what a value must be in its place."""
    is_password = claim_of(assignment.name) is NameClaim.PASSWORD and not is_test(path)
    if kind_of(path) is FileKind.CODE and not assignment.quoted:
        of_others = _OF_PROSE if assignment.said else _OF_CODE
        return _SAID_PASSWORD if is_password and _is_of_comment(text, assignment) else of_others
    if assignment.said:
        of_password = _LISTED_PASSWORD if "," in assignment.between[:2] else _SAID_PASSWORD
        return of_password if is_password else _OF_PROSE
    if is_of_credentials(path):
        return _OF_CREDENTIALS
    if is_test(path):
        return _OF_A_TEST
    if is_password and _is_of_login(text, assignment, path):
        return _OF_LOGIN
    return _OF_OTHERS_OR_UUID if _MAY_BE_UUID.search(assignment.name) else _OF_OTHERS


def _is_of_label(text: str, assignment: NamedValue, kind: FileKind) -> bool:
    """Return whether a value without quotes is the first word of several in a text, as in `Password: Repeat it`."""
    value = assignment.text(text)
    is_word = value.isalpha() and value[1:].islower()
    return (
        is_word
        and not assignment.quoted
        and kind is FileKind.TEXT
        and _NEXT_WORD.match(text, assignment.value.end) is not None
    )


def _is_of_comment(text: str, assignment: NamedValue) -> bool:
    """Return whether a value follows its name in a comment of code, without an expression before it."""
    end = assignment.value.start - len(assignment.between)
    return _COMMENT.search(text[max(text.rfind("\n", 0, end) + 1, end - _BESIDE) : end]) is not None


def _is_of_login(text: str, assignment: NamedValue, path: str) -> bool:
    """Return whether a password is that of a user beside it, or the value of an environment variable."""
    place = assignment.value
    around = text[max(0, place.start - _BESIDE) : place.start] + "\n" + text[place.end : place.end + _BESIDE]
    kind = kind_of(path)
    is_variable = assignment.last_name.isupper() and (
        kind in (FileKind.CONFIGURATION, FileKind.COMMANDS) or (kind is FileKind.TEXT and assignment.quoted)
    )
    return is_variable or _LOGIN.search(around) is not None


def _is_hash(text: str, assignment: NamedValue) -> bool:
    """Return whether a value is the hash of a user's password, or the fingerprint of a key of OpenPGP."""
    value, place = assignment.text(text), assignment.value
    if _FINGERPRINT.fullmatch(value) and _OF_OPENPGP.search(assignment.name):
        return True
    if not assignment.quoted or not _OF_A_USER.fullmatch(assignment.name):
        return False
    around = text[max(0, place.start - _NEAR) : place.start] + text[place.end : place.end + _NEAR]
    return bool(_SHA1.fullmatch(value) or (_HASH.fullmatch(value) and _SAYS_HASH.search(around)))


def _claim_of_parent(text: str, span: Span, path: str, assignment: NamedValue) -> NameClaim:
    """Return the claim of a mere `key`, which depends on what it is in."""
    if assignment.name.lower() != "key" or not is_random(assignment.text(text), _STRICT_KEY):
        return NameClaim.NOTHING
    return claim_of_key_in(parent_of(text, span.start, path))


def _resolved(text: str, assignment: NamedValue) -> NamedValue | None:
    """Return the assignment, or the one that its value names: `key="Password" value="…"`, `getenv("PASSWORD", "…")`."""
    if claim_of(assignment.text(text)) is not NameClaim.NOTHING:
        named = next_assignment(text, assignment)
        if named is not None:
            return named
    is_call = assignment.between.startswith("(") and _GETTER.fullmatch(assignment.last_name)
    return None if is_call or _LOOK_UP.search(assignment.between) else assignment


def _is_in_docstring(text: str, place: int) -> bool:
    """Return whether a place in a text of Python is within three quotes."""
    return bool(bisect_left(_edges(text), place) % 2)


@lru_cache(maxsize=1)
def _edges(text: str) -> tuple[int, ...]:
    """Return where such texts begin and end; the other kind of quotes within one is part of it."""
    edges: list[int] = []
    nexts = {quotes: text.find(quotes) for quotes in _THREE_QUOTES}
    while found := [(place, quotes) for quotes, place in nexts.items() if place >= 0]:
        start, quotes = min(found)
        end = text.find(quotes, start + 3)
        edges += (start, end) if end >= 0 else (start,)
        after = end + 3 if end >= 0 else len(text)
        nexts = {one: text.find(one, after) if 0 <= place < after else place for one, place in nexts.items()}
    return tuple(edges)


def parent_of(text: str, start: int, path: str) -> str:
    """Return the name of the parent of a name that starts at a place in the text of a file; empty if it has none."""
    before = text[max(0, start - _FARTHEST) : start].rstrip("\"'`")
    if in_name := _PATH.search(before[-_LONGEST_NAME:]):
        return in_name[1]
    opening = _opening(before)
    if opening is None:
        return _of_lines(before)
    named = _BEFORE_BRACKET.search(before[max(0, opening - _LONGEST_NAME) : opening])
    if named or before[:opening].strip():
        return named[1] if named else ""
    return PurePosixPath(path).stem


def _opening(before: str) -> int | None:
    """Return the place of the last bracket that is not closed."""
    depth = 0
    for bracket in reversed(list(_BRACKET.finditer(before))):
        depth += 1 if bracket[0] in ")]}" else -1
        if depth < 0:
            return bracket.start()
    return None


def _of_lines(before: str) -> str:
    """Return the name of the mapping or section, by indentation or its own line."""
    *above, line = before.split("\n")
    indent = len(line) - len(line.lstrip(" \t"))
    for one in reversed(above):
        if section := _SECTION.match(one.strip()):
            return section[1]
        mapping = _MAPPING.match(one.rstrip("\r"))
        if mapping and len(mapping[1]) < indent:
            return mapping[2]
        if one.strip() and len(one) - len(one.lstrip(" \t")) < indent:
            return ""
    return ""


def values_below(text: str, match: Span) -> Iterator[NamedValue]:
    """Yield the values of each column of a match, which is a list of columns with the rows that follow."""
    if columns := _INSERT.match(text, match.start):
        names = [name.strip('`"[] \n\r\t') for name in columns[1].split(",")]
        place = columns.end()
        for _ in range(_MOST_ROWS):
            opening = _OPENING.match(text, place)
            cells, place = _row(text, opening.end(), names, _CELL_OF_SQL) if opening else ([], place)
            closing = _CLOSING.match(text, place)
            if not cells or closing is None:
                return
            yield from cells
            place = closing.end()
        return
    start = text.rfind("\n", 0, match.start) + 1
    header = text[start : match.end].partition("\n")[0].rstrip("\r")
    mark = max(_CELL, key=header.count)
    if mark not in header:
        return
    if header.lstrip().startswith("|") and text.count("\n", match.start, match.end) == 1:
        return
    names = [name.strip("\"' ") for name in header.split(mark)]
    place = match.end
    for _ in range(_MOST_ROWS):
        cells, end = _row(text, place, names, _CELL[mark])
        # The rows below a repeated header are read for that.
        if not cells or text.startswith(header, place):
            return
        place = end
        yield from cells


def _row(text: str, place: int, names: list[str], cell: re.Pattern[str]) -> tuple[list[NamedValue], int]:
    """Return the values of a row, and where it ends; none if it has more or fewer than there are names."""
    cells: list[NamedValue] = []
    while len(cells) < len(names) and place < len(text) and (found := cell.match(text, place)):
        group = 1 if found[1] is not None else 2 if found[2] else 3
        value = found[group] if group < 3 else found[group].rstrip()
        marked = value.strip("`*") or value
        start = found.start(group) + value.index(marked)
        value = marked
        cells.append(NamedValue(names[len(cells)], ",", Span(start, start + len(value)), quoted=True))
        place = found.end()
        if found[4] is not None:
            return (cells if len(cells) == len(names) else []), place
    return [], place
