from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings

from presentation.reporting import (
    COMMIT,
    FINDING,
    HOSTILE_NAMES,
    NO_PROFILE,
    expiry_of,
    history,
    named,
    read,
    report,
    reports,
    unprofiled,
    whole,
)
from tokenward.operations.scan.report import Position, Report, ReportedFinding
from tokenward.presentation.reports import csv_report
from tokenward.presentation.reports.csv_report import COLUMNS, HISTORY_COLUMNS

render = whole(csv_report.render)


def cells_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def finding_of(row: dict[str, str]) -> ReportedFinding:
    text = {key: read(cell.removeprefix("'")) for key, cell in row.items()}
    start, end = (Position(int(row[f"{at}_line"]), int(row[f"{at}_character"])) for at in ("start", "end"))
    offsets = {key: int(row[key]) for key in ("start_offset", "end_offset")}
    names = ("path", "rule", "provider", "severity", "fingerprint", "label")
    plain = {key: text[key] for key in names}
    commit = text.get("commit")
    return ReportedFinding(start=start, end=end, commit=commit, profile=NO_PROFILE, **offsets, **plain)  # type: ignore[arg-type]


@settings(deadline=None)
@given(reports())
def test_every_finding_reads_back_as_it_was(report: Report) -> None:
    rows = cells_of(render(report))
    assert list(map(finding_of, rows)) == list(map(unprofiled, report.findings))
    assert [(row["kind"], row["expires"]) for row in rows] == [
        (found.profile.kind.value, expiry_of(found)) for found in report.findings
    ]


@settings(deadline=None)
@given(reports())
def test_every_row_is_one_line(report: Report) -> None:
    assert len(render(report).splitlines()) == 1 + len(report.findings)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_cell_is_a_formula(name: str) -> None:
    (row,) = cells_of(render(named(name)))
    for cell in row.values():
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


def test_an_ordinary_finding_is_written_as_it_is() -> None:
    (row,) = cells_of(render(report(FINDING)))
    assert tuple(row) == COLUMNS
    assert row["path"] == "app/settings.py"
    assert row["label"] == "GitHub token (ghp_…, 40 characters)"


def test_a_history_has_a_column_more() -> None:
    (row,) = cells_of(render(history(FINDING)))
    assert tuple(row) == HISTORY_COLUMNS
    assert row["commit"] == COMMIT
    assert next(csv.reader([render(history())])) == list(HISTORY_COLUMNS)


def test_no_finding_is_a_row_of_names_alone() -> None:
    assert next(csv.reader([render(report())])) == list(COLUMNS)
