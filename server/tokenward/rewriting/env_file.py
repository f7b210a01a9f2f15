"""parse_env: the assignments of a `.env` file with their places, for moves and for running programs.

The grammar is python-dotenv's, parsed in linear time, with two differences, as in Node's dotenv: a value may be in
backticks, and a name without `=` has no effect.
"""

from __future__ import annotations

import re
from dataclasses import field

from tokenward.errors import RewriteRefused
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.parsing_once import once
from tokenward.text import newline_of

ENV_FILES = r"(?!.*\.(?:json|ya?ml|toml|py|[cm]?[jt]s)\Z)\.env(?:\.[^/]*)?|[^/]*\.env"
"""Matches the name of an environment file, also of a template for one."""
_TEMPLATE = re.compile(r".*\.(?:example|sample|template|dist)(?:\.[^/]*)?", re.IGNORECASE)

_BLANK = re.compile(r"\s*")
_EXPORT = re.compile(r"(?:export[^\S\r\n]+)?")
_QUOTED_KEY = re.compile(r"'([^']+)'")
_KEY = re.compile(r"([^=\#\s]+)")
_SPACE = re.compile(r"[^\S\r\n]*")
_EQUALS = re.compile(r"=[^\S\r\n]*")
_LINE = re.compile(r"[^\r\n]*")
_COMMENT_AFTER_VALUE = re.compile(r"\s#")
_END = re.compile(r"(?:[^\S\r\n]*#[^\r\n]*)?[^\S\r\n]*(?:\r\n|\n|\r|\Z)")
_REST = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)?")
_QUOTE = re.compile("[\"'`]")
_NEWLINE = re.compile(r"\r\n|\n|\r")
# A pattern for a whole quoted value would take memory for each of its characters.
_STOPS = {"'": re.compile(r"\\.|'", re.DOTALL), '"': re.compile(r'\\.|"', re.DOTALL), "`": re.compile("`")}
_ESCAPES = {"'": re.compile(r"\\[\\']"), '"': re.compile(r"\\[\\'\"abfnrtv]")}
_ESCAPED = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


@dataclass(frozen=True, slots=True)
class EnvAssignment:
    """One `KEY=value`.

    Attributes:
        key_span: the key, without quotes.
        value_span: the value as written, between its quotes.
        quote: the quote on both sides of it, if any.
        value: as a program gets it.
    """

    key: str
    key_span: Span
    value_span: Span
    quote: str
    value: str = field(repr=False)


def parse_env(text: str) -> list[EnvAssignment]:
    """Return every assignment, in order; other lines are skipped."""
    return once(("env", text), lambda: _parse(text))


def _parse(text: str, position: int = 0) -> list[EnvAssignment]:
    found: list[EnvAssignment] = []
    position = position or int(text.startswith("\ufeff"))
    while position < len(text):
        assignment, position = _assignment(text, position)
        found += [assignment] if assignment else []
    return found


def add_assignment(text: str, key: str, value: str) -> Edit | None:
    """Return the edit that appends `KEY=value`; None if the file already has it.

    Raises:
        RewriteRefused: the key has another value, or the line would be misread.
    """
    before = parse_env(text)
    known = [assignment for assignment in before if assignment.key == key]
    if any(assignment.value != value for assignment in known):
        raise RewriteRefused(
            "The .env file assigns another value to {key}; move the token under another name.", key=key
        )
    if known:
        return None
    ending = newline_of(text)
    start = "" if not text.lstrip("\ufeff") or text.endswith(("\r", "\n")) else ending
    edit = Edit(Span(len(text), len(text)), f"{start}{key}={value}{ending}")
    changed = apply_edits(text, [edit])
    # Without a quote, a new line cannot end what is before it.
    is_apart = text.endswith("\n") and not _QUOTE.search(edit.text)
    after = once(
        ("env", changed), lambda: [*before, *_parse(changed, len(text))] if is_apart else _parse(changed)
    )
    if [(a.key, a.value) for a in after] != [*((a.key, a.value) for a in before), (key, value)]:
        raise RewriteRefused(
            "{key} cannot be written to the .env file so that it reads the same; add it by hand.", key=key
        )
    return edit


def take_out(text: str, added: str) -> Edit | None:
    """Return the edit that undoes `add_assignment`, given what it added; None if that line is gone.

    Of several added lines, the latest has to be taken out first.
    """
    line = added.strip("\r\n")
    found = re.search(rf"(?<![^\r\n\ufeff]){re.escape(line)}(?:\r\n|\n|\r|\Z)", text)
    if found is None:
        return None
    start = found.start()
    lead = added[: len(added) - len(added.lstrip("\r\n"))]
    if lead and found.end() == len(text) and text[:start].endswith(lead):
        start -= len(lead)
    return Edit(Span(start, found.end()), "")


def _assignment(text: str, position: int) -> tuple[EnvAssignment | None, int]:
    """Return the assignment at a position, if any, and where to continue."""
    position = _skip(_EXPORT, text, _skip(_BLANK, text, position))
    key = (_QUOTED_KEY if text[position : position + 1] == "'" else _KEY).match(text, position)
    if key is None:
        return None, _after_line(text, position)
    position = _skip(_SPACE, text, key.end())
    equals = _EQUALS.match(text, position)
    if equals is None:
        return None, _after_line(text, position)
    commented = len(equals[0]) > 1 and text[equals.end() : equals.end() + 1] == "#"
    quote, span = ("", Span(equals.end(), equals.end())) if commented else _value(text, equals.end())
    end = _END.match(text, span.end + len(quote))
    if span.start > span.end or end is None:
        return None, _after_line(text, span.end + len(quote))
    value = _NEWLINE.sub("\n", text[span.start : span.end])
    if quote in _ESCAPES:
        value = _ESCAPES[quote].sub(lambda escape: _ESCAPED.get(escape[0][1], escape[0][1]), value)
    return EnvAssignment(_NEWLINE.sub("\n", key[1]), Span(*key.span(1)), span, quote, value), max(
        end.end(), position + 1
    )


def _value(text: str, position: int) -> tuple[str, Span]:
    """Return the quote and the place of a value; the place has a negative length if the quote is not closed."""
    quote = text[position : position + 1]
    stops = _STOPS[quote].finditer(text, position + 1) if quote in _STOPS else ()
    closing = next((stop.start() for stop in stops if stop[0] == quote), None)
    if closing is not None and (quote != "`" or _END.match(text, closing + 1)):
        return quote, Span(position + 1, closing)
    if quote in {"'", '"'}:
        return "", Span(position + 1, position)
    line = text[position : _skip(_LINE, text, position)]
    comment = _COMMENT_AFTER_VALUE.search(line)
    return "", Span(position, position + len(line[: comment.start() if comment else None].rstrip()))


def _after_line(text: str, position: int) -> int:
    return max(_skip(_REST, text, position), position + 1)


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def is_environment_file(name: str) -> bool:
    """Return whether a file's name is one of the `.env` family."""
    return re.fullmatch(ENV_FILES, name, re.IGNORECASE) is not None


def has_variables(name: str) -> bool:
    """Return whether a file's name is one of the `.env` family, and not of a template that people copy."""
    return is_environment_file(name) and _TEMPLATE.fullmatch(name) is None
