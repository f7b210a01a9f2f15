"""A Report as CSV (RFC 4180): a header row, then one row per finding."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator

from tokenward.operations.scan.report import Report
from tokenward.presentation.reports.finding_fields import flat_fields
from tokenward.presentation.reports.spelling import spelled

COLUMNS = (
    "path", "start_offset", "end_offset", "start_line", "start_character", "end_line", "end_character",
    "rule", "provider", "severity", "fingerprint", "label", "kind", "expires",
)  # fmt: skip
HISTORY_COLUMNS = (*COLUMNS, "commit")

# A spreadsheet treats a cell that begins like this as a formula, even after spaces or in full-width characters. The
# quote is included so that a path's own quote differs from ours.
_FORMULA = ("=", "+", "-", "@", "'")


def render(report: Report) -> Iterator[str]:
    """Yield the findings; every cell is quoted and on one line, and a possible formula gets an extra quote."""
    has_commits = report.summary.commits is not None
    yield _line(HISTORY_COLUMNS if has_commits else COLUMNS)
    for found in report.findings:
        commit = [found.commit or ""] if has_commits else []
        yield f"\n{_line([found.path, *flat_fields(found).values(), *commit])}"


def _line(cells: Iterable[str | int]) -> str:
    line = io.StringIO()
    written = (_cell(one) if isinstance(one, str) else one for one in cells)
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="").writerow(written)
    return line.getvalue()


def _cell(text: str) -> str:
    shown = spelled(text)
    readings = (shown, unicodedata.normalize("NFKC", shown))
    could_be_formula = any(reading.lstrip().startswith(_FORMULA) for reading in readings)
    return f"'{shown}" if could_be_formula else shown
