"""The guarantees of every format, whatever a repository contains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from presentation.reporting import COMMIT, FINDING, HOSTILE_NAMES, history, named, report, reports, whole
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.operations.scan.report import IgnoredCount, KnownFindings, Report
from tokenward.presentation.reports import csv_report, github, gitlab, json_report, junit, sarif

FORMATS: dict[str, Callable[[Report], str]] = {
    "csv": whole(csv_report.render),
    "github": whole(github.render),
    "gitlab": whole(gitlab.render),
    "json": whole(json_report.render),
    "junit": whole(junit.render),
    "sarif": whole(sarif.render),
}
WITH_REMARKS = [name for name in FORMATS if name != "csv"]


@settings(deadline=None)
@given(report=reports())
def test_no_control_character_no_bad_encoding_and_no_command_of_a_ci_system_is_printed(
    report: Report,
) -> None:
    for name, format_ in FORMATS.items():
        text = format_(report)
        text.encode("utf-8")
        assert [c for c in text.replace("\n", "") if not c.isprintable() and not c.isspace()] == [], name
        lines = text.splitlines()
        assert len(lines) == text.count("\n") + 1, name
        if name != "github":
            assert not any(line.lstrip().startswith("::") for line in lines), name
            assert not any(f"##{system}[" in text.lower() for system in ("", "vso", "teamcity")), name


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("format_", FORMATS)
def test_a_hostile_name_adds_no_line(format_: str, name: str) -> None:
    assert FORMATS[format_](named(name)).count("\n") == FORMATS[format_](named("harmless")).count("\n")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_finding_is_shown_with_its_place_rule_and_label(format_: str) -> None:
    text = FORMATS[format_](report(FINDING))
    for shown in (FINDING.path, short_rule(FINDING.rule), "40 characters"):
        assert shown in text


@pytest.mark.parametrize("format_", FORMATS)
def test_a_finding_of_the_history_is_shown_with_its_commit(format_: str) -> None:
    assert COMMIT[:8] in FORMATS[format_](history(FINDING))
    assert COMMIT[:8] not in FORMATS[format_](report(replace(FINDING, fingerprint="f" * 32)))


@pytest.mark.parametrize("format_", WITH_REMARKS)
def test_what_was_silenced_known_and_left_out_is_told(format_: str) -> None:
    left_out = ("big.bin is larger than the limit.",)
    silenced, known = (IgnoredCount(".tokenwardignore", 7),), KnownFindings("before.json", 3)
    text = FORMATS[format_](report(silenced=silenced, known=known, left_out=left_out))
    assert ".tokenwardignore" in text
    assert "before.json" in text
    assert "big.bin is larger than the limit." in text


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_report_is_rendered_the_same(format_: str) -> None:
    assert FORMATS[format_](report(FINDING)) == FORMATS[format_](report(FINDING))
