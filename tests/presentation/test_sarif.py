from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import fastjsonschema
import pytest
from hypothesis import given, settings

from presentation.reporting import (
    FINDING,
    HOSTILE_NAMES,
    NO_PROFILE,
    expiry_of,
    linux_texts,
    named,
    report,
    reports,
    unprofiled,
    whole,
    windows_texts,
)
from tokenward.operations.scan.report import Position, Report, ReportedFinding
from tokenward.presentation.reports import sarif

render = whole(sarif.render)
SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0.json"
SEVERITIES = {"error": "error", "warning": "warning", "note": "information"}


validate = fastjsonschema.compile(json.loads(SCHEMA.read_text("utf-8")))


def run_of(report: Report) -> dict[str, Any]:
    (run,) = json.loads(render(report))["runs"]
    return run


def finding_of(result: dict[str, Any], on_bad_bytes: str) -> ReportedFinding:
    ((location,),) = (result["locations"][0].values(),)
    region = location["region"]
    return ReportedFinding(
        path=unquote_to_bytes(location["artifactLocation"]["uri"].removeprefix("file://")).decode(
            "utf-8", on_bad_bytes
        ),
        start_offset=region["byteOffset"],
        end_offset=region["byteOffset"] + region["byteLength"],
        start=Position(region["startLine"] - 1, region["startColumn"] - 1),
        end=Position(region["endLine"] - 1, region["endColumn"] - 1),
        rule=result["ruleId"],
        provider=result["properties"]["provider"],
        severity=SEVERITIES[result["level"]],  # type: ignore[arg-type]
        fingerprint=result["partialFingerprints"]["tokenwardFingerprint/v1"],
        label=result["properties"]["label"],
        profile=NO_PROFILE,
        commit=result["properties"].get("commit"),
    )


@settings(deadline=None)
@given(reports())
def test_every_report_is_valid_against_the_schema(report: Report) -> None:
    validate(json.loads(render(report)))


def test_the_schema_refuses_what_is_wrong() -> None:
    wrong = json.loads(render(report(FINDING)).replace('"startLine": 5', '"startLine": 0'))
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        validate(wrong)


@settings(deadline=None)
@given(reports(linux_texts))
def test_every_finding_reads_back_as_it_was(report: Report) -> None:
    results = run_of(report)["results"]
    found = [finding_of(result, "surrogateescape") for result in results]
    assert found == list(map(unprofiled, report.findings))
    for one, result in zip(report.findings, results, strict=True):
        properties = result["properties"]
        assert (properties["kind"], properties["expires"] or "") == (one.profile.kind.value, expiry_of(one))
        assert properties["claims"] == dict(one.profile.claims.facts)


@settings(deadline=None)
@given(reports(windows_texts))
def test_every_finding_of_windows_reads_back_as_it_was(report: Report) -> None:
    results = run_of(report)["results"]
    found = [finding_of(result, "surrogatepass") for result in results]
    assert found == list(map(unprofiled, report.findings))


@settings(deadline=None)
@given(reports())
def test_every_result_names_its_rule(report: Report) -> None:
    run = run_of(report)
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        f.rule for f in report.findings
    ]
    assert len({rule["id"] for rule in rules}) == len(rules)


def test_a_rule_is_as_severe_as_its_worst_finding() -> None:
    mild = replace(FINDING, severity="warning")
    (rule,) = run_of(report(mild, FINDING, mild))["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"]["level"] == "error"


def test_a_rule_says_what_a_reader_needs() -> None:
    (rule,) = run_of(report(FINDING))["tool"]["driver"]["rules"]
    assert rule["name"] == "BetterleaksGithubPat"
    assert rule["shortDescription"]["text"] == "Token in plain text: GitHub."
    assert "Delete it in the settings of its owner." in rule["help"]["text"]
    assert "tokenward move FILE" in rule["help"]["text"]
    assert urlsplit(rule["helpUri"]).scheme == "https"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_path_is_a_relative_reference_below_the_root(name: str) -> None:
    artifact = run_of(named(name))["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uriBaseId"] == "%SRCROOT%"
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", artifact["uri"])
    assert (urlsplit(artifact["uri"]).scheme, urlsplit(artifact["uri"]).netloc) == ("", "")


def test_a_path_elsewhere_is_a_uri_of_its_own() -> None:
    (result,) = run_of(named("/srv/acme api/app.py"))["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file:///srv/acme%20api/app.py"}


def test_a_partial_scan_was_no_success() -> None:
    (invocation,) = run_of(report(FINDING, is_partial=True))["invocations"]
    assert invocation["executionSuccessful"] is False


def test_no_message_holds_a_link_or_a_placeholder() -> None:
    (result,) = run_of(named("[click](https://evil.example) {0}"))["results"]
    assert result["message"]["text"].startswith(r"\[click\](https://evil.example) {{0}} is in plain text")


def test_columns_are_counted_from_one_in_utf_16_units() -> None:
    run = run_of(report(FINDING))
    assert run["columnKind"] == "utf16CodeUnits"
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {
        "startLine": 5,
        "startColumn": 11,
        "endLine": 5,
        "endColumn": 51,
        "byteOffset": 120,
        "byteLength": 40,
    }


def test_the_invocation_says_when_and_what_was_left_out() -> None:
    (invocation,) = run_of(report(left_out=("x.bin is too large.",)))["invocations"]
    assert invocation["startTimeUtc"] == "2025-03-01T12:00:07.500000Z"
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
        "x.bin is too large."
    ]
