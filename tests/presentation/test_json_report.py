from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings

from presentation.reporting import COMMIT, FINDING, history, report, reports
from tokenward.presentation.reports.json_report import render
from tokenward.presentation.reports.model import Position, Report, ReportedFinding, Silenced

DOCS = Path(__file__).parents[2] / "docs" / "scan.md"


def finding_of(fields: dict[str, object]) -> ReportedFinding:
    start, end = (Position(**fields.pop(name)) for name in ("start", "end"))  # type: ignore[arg-type]
    return ReportedFinding(start=start, end=end, **fields)  # type: ignore[arg-type]


@settings(deadline=None)
@given(reports())
def test_every_report_reads_back_as_it_was(report: Report) -> None:
    document = json.loads(render(report))
    assert tuple(map(finding_of, document["findings"])) == report.findings
    summary = report.summary
    assert [(s["source"], s["count"]) for s in document["summary"]["silenced"]] == [
        (s.source, s.count) for s in summary.silenced
    ]
    assert document["summary"]["left_out"] == list(summary.left_out)
    assert document["summary"].get("commits") == summary.commits
    known = document["summary"].get("known")
    assert known == (summary.known and {"baseline": summary.known.baseline, "count": summary.known.count})


def test_the_documented_example_is_what_is_rendered() -> None:
    left_out = ("/src/big.log is larger than 10,000,000 bytes and was not scanned; raise `max-file-bytes`.",)
    found = replace(FINDING, severity="warning")
    silenced = (Silenced(".tokenwardignore", 2),)
    example = report(found, silenced=silenced, left_out=left_out, fingerprint_key="fedcba9876543210")
    (block,) = re.findall(r"^    \{\n(?:    .*\n)+", DOCS.read_text("utf-8"), re.MULTILINE)
    assert json.loads(block) == json.loads(render(example))


def test_only_a_history_has_commits() -> None:
    (found,) = json.loads(render(history(FINDING)))["findings"]
    assert found["commit"] == COMMIT
    (found,) = json.loads(render(report(FINDING)))["findings"]
    assert "commit" not in found
