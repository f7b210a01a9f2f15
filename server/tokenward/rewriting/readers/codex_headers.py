"""The headers of a server that Codex reads from variables."""

from __future__ import annotations

import re

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.text import line_span, newline_of

_HEADERS = "http_headers"
_BARE = re.compile(r"[A-Za-z0-9_-]{1,100}")
_URL_LINE = re.compile(r"[ \t]*(?:base_)?url[ \t]*=[ \t]*")


def from_variables(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:
    """Have Codex read a header from a variable, which it takes for a header of the same name in `http_headers`.

    Where it is the only one, `http_headers` becomes `env_http_headers`, whose values are names of variables.

    Raises:
        RewriteRefused: the server is written so that there is no place for it.
    """
    table = parsed.keys(span)[:3]
    if table[-1] != _HEADERS:
        return []
    start = parsed.text.rfind(_HEADERS, 0, span.start)
    place = Span(start, start + len(_HEADERS))
    found = [Span(*match.span()) for match in re.finditer(f"env_{_HEADERS}", parsed.text)]
    known = [other for other in found if parsed.keys(other)[:2] == table[:2]]
    if not known and parsed.keys(place)[:3] == table and len(parsed.beside(span, 1)) == 1:
        return [Replacement(place, f"env_{_HEADERS}", _HEADERS)]
    return [_variable(parsed, span, name, known)]


def _variable(parsed: ParsedText, span: Span, name: str, known: list[Span]) -> Replacement:
    """Return the insertion of an entry of `env_http_headers`, beside those that are there."""
    text, server, header = parsed.text, parsed.beside(span, 2), parsed.keys(span)[-1]
    entry, newline = f'{header} = "{name}"', newline_of(text)
    inline = server.get(f"env_{_HEADERS}")
    lines = [line_span(text, other) for other in known]
    tables = [line.end for line in lines if text[line.start : line.end].lstrip().startswith("[")]
    url = server.get("url", server.get("base_url"))
    if not _BARE.fullmatch(header):
        raise _without_variable()
    if inline and text[inline.start] == "{":
        place = inline.start + 1
        is_empty = re.match(r"[ \t]*\}", text[place : place + 200])
        return Replacement(Span(place, place), f" {entry}{'' if is_empty else ','}")
    if tables:
        return Replacement(Span(tables[0], tables[0]), f"{newline}{entry}")
    place = line_span(text, url).start if url else 0
    if url is None or not _URL_LINE.fullmatch(text, place, url.start):
        raise _without_variable()
    return Replacement(Span(place, place), f"env_{_HEADERS}.{entry}{newline}")


def _without_variable() -> RewriteRefused:
    return RewriteRefused(
        "Codex reads a header from a variable by an entry of `env_http_headers`, for which this server has no place; "
        "write one, with the name of a variable as its value, and store the token."
    )
