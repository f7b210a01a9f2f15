"""Private keys without an end (yet), which no rule finds although their lines are secret."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tokenward.model import Span

BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY[A-Z ]{0,16}-----")
_END = "-----END"
_WHOLE_END = re.compile(r"-----END [A-Z0-9 ]{0,64}-----")
_BODY = re.compile(r"(?:[A-Za-z0-9+/=]|\\+[rn])*(?:\\+\Z)?")
"""Base64, and line ends as JSON and others write them, the last one possibly incomplete."""
_HEADER = re.compile(r"[A-Z][A-Za-z]+(?:-[A-Za-z]+)*: ?.{0,200}")
_LINE = 40
"""Characters; only the last lines of a key have fewer."""
_LONGEST_PREFIX, _LONGEST_REST = 100, 300
_PARTS = re.compile(r"(\d+)|(\s+)|.", re.DOTALL)


def open_keys(text: str) -> Iterator[Span]:
    """Yield the lines of private keys that do not end here, up to the first line that belongs to no key.

    Each line may have a prefix like that of the first, as in `docker compose logs` and `cat -n`. No rule finds such a
    key, so it is included even if it ends.
    """
    covered = 0
    for begun in BEGIN.finditer(text):
        end = _end_of_body(text, begun.start(), begun.end())
        # A key may begin in a line that looks like a header of the one before.
        start = max(begun.end(), covered)
        if end is not None and end > start:
            yield Span(start, end)
            covered = end


def _end_of_body(text: str, begin: int, place: int) -> int | None:
    """Return the end of a key's lines; None if the key is complete."""
    prefix = _prefix(text[text.rfind("\n", 0, begin) + 1 : begin])
    end, has_lines, is_last, has_prefix = place, False, False, False
    while True:
        newline = text.find("\n", place)
        stop = len(text) if newline < 0 else newline
        body = _BODY.match(text, place, stop)
        assert body is not None  # noqa: S101 - it matches nothing, too
        rest = text[body.end() : min(stop, body.end() + _LONGEST_REST)].rstrip("\r \t,;\"'")
        if rest and _END.startswith(rest[: len(_END)]):
            if newline < 0 and not _WHOLE_END.match(rest):
                return stop
            return end if has_prefix else None
        size = body.end() - place
        if rest and size >= _LINE:
            return body.end()
        if rest and (has_lines or not _HEADER.fullmatch(text[place : body.end()] + rest)):
            return end
        if not rest and newline < 0:
            return stop
        if not rest and size:
            if size < _LINE and (not has_lines or (is_last and text[place] != "=")):
                return end
            has_lines, is_last, end = True, size < _LINE, stop
        start = prefix.match(text, stop + 1)
        place = min(start.end() if start else stop + 1, len(text))
        has_prefix = has_prefix or bool(text[stop + 1 : place].strip())


def _prefix(text: str) -> re.Pattern[str]:
    """Return a pattern for a prefix in which numbers may differ or be missing, and for blanks.

    No part matches what the next one matches, so there is only one way to match a line.
    """
    prefix = text.lstrip() if len(text) <= _LONGEST_PREFIX else ""
    parts = (
        r"\d+" if part[1] else r"[ \t]+" if part[2] else re.escape(part[0])
        for part in _PARTS.finditer(prefix)
    )
    return re.compile(rf"[ \t]*(?:{''.join(parts)})?[ \t]*")
