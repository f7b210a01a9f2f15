from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import fastjsonschema
from hypothesis import given, settings

from presentation.reporting import COMMIT, FINDING, expiry_of, history, read, report, reports, whole
from tokenward.operations.scan.report import Report
from tokenward.presentation.reports import gitlab

render = whole(gitlab.render)
TEXT = {"type": "string", "minLength": 1}
TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
LINE = {"type": "integer", "minimum": 1}


def thing(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """Return the schema of an object with these fields and no others, so that a misspelt one is detected."""
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": {**required, **optional},
    }


def listed(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


PROGRAM = thing({"id": TEXT, "name": TEXT, "version": TEXT, "vendor": thing({"name": TEXT})})
IDENTIFIER = thing(
    {"type": TEXT, "name": TEXT, "value": TEXT}, url={"type": "string", "pattern": "^https?://.+"}
)
DETAIL = thing({"name": TEXT, "type": {"const": "text"}, "value": {"type": "string"}})
# What GitLab's secret detection schema 15 asks for, 15.0.0 to 15.2.0, of the fields that Tokenward writes.
SCHEMA = thing(
    {
        "version": {"type": "string", "pattern": r"^15\.[0-9]+\.[0-9]+$"},
        "scan": thing(
            {
                "analyzer": PROGRAM,
                "scanner": PROGRAM,
                "type": {"const": "secret_detection"},
                "start_time": TIME,
                "end_time": TIME,
                "status": {"enum": ["success", "failure"]},
            },
            messages=listed(thing({"level": {"enum": ["info", "warn", "fatal"]}, "value": TEXT})),
        ),
        "vulnerabilities": listed(
            thing(
                {
                    "id": TEXT,
                    "identifiers": listed(IDENTIFIER, 1),
                    "location": thing(
                        {"commit": thing({"sha": TEXT})}, file=TEXT, start_line=LINE, end_line=LINE
                    ),
                },
                name={"type": "string", "maxLength": 255},
                description={"type": "string"},
                severity={"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
                solution={"type": "string", "maxLength": 7000},
                details={"type": "object", "additionalProperties": DETAIL},
            )
        ),
    }
)


validate = fastjsonschema.compile({"$schema": "http://json-schema.org/draft-07/schema#", **SCHEMA})


@settings(deadline=None)
@given(reports())
def test_every_report_is_what_gitlab_asks_for(report: Report) -> None:
    validate(json.loads(render(report)))


def test_a_provider_of_any_length_is_what_gitlab_asks_for() -> None:
    validate(json.loads(render(report(replace(FINDING, provider="long" * 100)))))


@settings(deadline=None)
@given(reports())
def test_every_finding_reads_back_with_what_the_format_has(report: Report) -> None:
    vulnerabilities = json.loads(render(report))["vulnerabilities"]
    for found, item in zip(report.findings, vulnerabilities, strict=True):
        assert read(item["location"]["file"]) == found.path
        assert (item["location"]["start_line"], item["location"]["end_line"]) == (
            found.start.line + 1,
            found.end.line + 1,
        )
        assert read(item["identifiers"][0]["value"]) == found.rule
        details = {name: read(detail["value"]) for name, detail in item["details"].items()}
        assert details == {
            "label": found.label,
            "provider": found.provider,
            "fingerprint": found.fingerprint,
            "kind": found.profile.kind.value,
            **({"expires": expiry} if (expiry := expiry_of(found)) else {}),
            **({"ends": found.profile.ends} if found.profile.ends else {}),
        }
        assert (
            item["severity"]
            == {"error": "Critical", "warning": "High", "information": "Info"}[found.severity]
        )


@settings(deadline=None)
@given(reports())
def test_nothing_from_the_repository_is_rendered_as_markdown(report: Report) -> None:
    ours = json.loads(render_one())["vulnerabilities"][0]
    for item in json.loads(render(report))["vulnerabilities"]:
        assert (item["description"], item["solution"]) == (ours["description"], ours["solution"])


def test_findings_at_different_places_have_different_ids() -> None:
    findings = (
        FINDING,
        replace(FINDING, start_offset=500),
        replace(FINDING, path="b"),
        replace(FINDING, rule="r"),
        replace(FINDING, commit=COMMIT),
    )
    ids = [item["id"] for item in json.loads(render(report(*findings)))["vulnerabilities"]]
    assert len(set(ids)) == len(findings)


def test_a_finding_keeps_its_id_from_scan_to_scan() -> None:
    later = replace(report(FINDING), summary=replace(report(FINDING).summary, seconds=9))
    assert json.loads(render(later))["vulnerabilities"] == json.loads(render_one())["vulnerabilities"]


def test_the_commit_of_a_history_is_where_gitlab_looks_for_it() -> None:
    (item,) = json.loads(render(history(FINDING)))["vulnerabilities"]
    assert item["location"]["commit"] == {"sha": COMMIT}


def test_the_times_are_in_utc() -> None:
    scan = json.loads(render_one())["scan"]
    assert (scan["start_time"], scan["end_time"]) == ("2025-03-01T12:00:07", "2025-03-01T12:00:09")


def render_one() -> str:
    return render(report(FINDING))
