from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from presentation.reporting import COMMIT, FINDING, history, report, reports, whole
from tokenward.model import Claims, Kind, Profile
from tokenward.operations.scan.report import IgnoredCount, Position, Report, ReportedFinding
from tokenward.presentation.reports import json_report

render = whole(json_report.render)
DOCS = Path(__file__).parents[2] / "docs" / "reference" / "scan-formats.md"


def date_of(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).timestamp())


def finding_of(fields: dict[str, Any]) -> ReportedFinding:
    start, end = (Position(**fields.pop(name)) for name in ("start", "end"))
    dates = [date_of(fields.pop(name)) for name in ("issued", "expires")]
    issued, expires = dates
    claims = Claims(issued, expires, tuple(fields.pop("claims").items()), fields.pop("checksum"))
    known = {
        name: fields.pop(name)
        for name in ("lifetime", "scope", "works_elsewhere", "ends", "page", "harmless")
    }
    profile = Profile("", Kind(fields.pop("kind")), **known, claims=claims)
    return ReportedFinding(start=start, end=end, profile=profile, **fields)


def without_provider(found: ReportedFinding) -> ReportedFinding:
    """The profile's provider is the finding's."""
    return replace(found, profile=replace(found.profile, provider=""))


@settings(deadline=None)
@given(reports())
def test_every_report_reads_back_as_it_was(report: Report) -> None:
    document = json.loads(render(report))
    assert list(map(finding_of, document["findings"])) == list(map(without_provider, report.findings))
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
    silenced = (IgnoredCount(".tokenwardignore", 2),)
    example = report(FINDING, silenced=silenced, left_out=left_out, fingerprint_key="fedcba9876543210")
    (block,) = re.findall(r"^    \{\n(?:    .*\n)+", DOCS.read_text("utf-8"), re.MULTILINE)
    assert json.loads(block) == json.loads(render(example))


def test_only_a_history_has_commits() -> None:
    (found,) = json.loads(render(history(FINDING)))["findings"]
    assert found["commit"] == COMMIT
    (found,) = json.loads(render(report(FINDING)))["findings"]
    assert "commit" not in found
