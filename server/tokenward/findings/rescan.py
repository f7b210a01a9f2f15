"""The findings in a large or slow document after a keystroke, from the lines around the change alone.

A finding on unchanged lines stays until a scan of the whole document says otherwise, so that one that
depends on a distant text does not flicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Point
from tokenward.sources.documents import Document, Splice

CONTEXT_LINES = 100
"""Lines scanned on either side of a change; a PEM private key has about 50."""
SMALLER_CONTEXTS = 30, 8, 3, 1
"""Lines scanned if more are too long or too slow; one line has the ignore comment of the next."""
WINDOW_CHARACTERS = 128_000
"""The most characters scanned at once on the event loop, in less than a millisecond."""


def window(
    document: Document, splice: Splice, known: Sequence[Finding] = (), most: int = WINDOW_CHARACTERS
) -> range | None:
    """Return the lines to scan after a change, with at most so many characters; None if even few have more.

    A known token that the change touches is in them whole, such as a private key, so that its warning stays.
    """
    touched = [finding for finding in known if _touches(finding, splice)]
    top = min([splice.first, *(finding.start.line for finding in touched)])
    bottom = max([splice.first + splice.added, *(finding.end.line + splice.shift + 1 for finding in touched)])
    tries = [(context, most) for context in (CONTEXT_LINES, *SMALLER_CONTEXTS)]
    if bottom - top > splice.added:
        tries.append((SMALLER_CONTEXTS[-1], WINDOW_CHARACTERS))
    for context, limit in tries:
        first, last = max(0, top - context), min(len(document.lines), bottom + context)
        if last - first <= limit and sum(map(len, document.lines[first:last])) <= limit:
            return range(first, last)
    return None


def rescan(
    document: Document, splice: Splice, known: Sequence[Finding], scanner: Scanner, within: range
) -> tuple[Finding, ...]:
    """Return the findings after a change, from those before it and the window to scan."""
    unchanged = [
        finding if finding.end.line < splice.first else _shifted(finding, splice.shift)
        for finding in known
        if not _touches(finding, splice)
    ]
    text = "".join(document.lines[within.start : within.stop])
    found = scanner.scan_text(text, document.name, first_line=within.start)
    seen = (_shifted(finding, within.start) for finding in found)
    near = [f for f in unchanged if f.end.line >= within.start and f.start.line < within.stop]
    new = [f for f in seen if not any(f.start < other.end and other.start < f.end for other in near)]
    # The line above the window, which may have an ignore comment, was not scanned.
    sure = [finding for finding in new if finding.start.line > within.start or within.start == 0]
    if sure:
        unchanged = sorted(
            [*unchanged, *sure], key=lambda finding: (finding.start.line, finding.start.column)
        )
    return tuple(unchanged)


def _touches(finding: Finding, splice: Splice) -> bool:
    # An ignore comment on a changed line may apply to the next line.
    return finding.end.line >= splice.first and finding.start.line <= splice.first + splice.removed


def _shifted(finding: Finding, lines: int) -> Finding:
    if lines == 0:
        return finding
    start, end = (Point(p.line + lines, p.column) for p in (finding.start, finding.end))
    return replace(finding, start=start, end=end)
