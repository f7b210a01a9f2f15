from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given, settings

from presentation.reporting import FINDING, NO_PROFILE, expiry_of, read, report, reports, unprofiled, whole
from tokenward.operations.scan.report import Position, Report, ReportedFinding
from tokenward.presentation.reports import junit

render = whole(junit.render)


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(render(report).encode("utf-8"))


def finding_of(case: ET.Element) -> ReportedFinding:
    facts = {item.attrib["name"]: read(item.attrib["value"]) for item in case.iter("property")}
    numbers = {
        name: int(facts.pop(name))
        for name in list(facts)
        if name.endswith(("_offset", "_line", "_character"))
    }
    start, end = (
        Position(numbers.pop(f"{at}_line"), numbers.pop(f"{at}_character")) for at in ("start", "end")
    )
    for name in ("kind", "expires"):
        facts.pop(name, None)
    path = read(case.attrib["file"])
    return ReportedFinding(path=path, start=start, end=end, profile=NO_PROFILE, **numbers, **facts)  # type: ignore[arg-type]


def property_of(case: ET.Element, name: str) -> str:
    return next((item.attrib["value"] for item in case.iter("property") if item.attrib["name"] == name), "")


@settings(deadline=None)
@given(reports())
def test_every_finding_is_a_failed_test_that_reads_back_as_it_was(report: Report) -> None:
    failed = [case for case in parsed(report).iter("testcase") if case.find("failure") is not None]
    assert list(map(finding_of, failed)) == list(map(unprofiled, report.findings))
    assert [(property_of(case, "kind"), property_of(case, "expires")) for case in failed] == [
        (found.profile.kind.value, expiry_of(found)) for found in report.findings
    ]


@settings(deadline=None)
@given(reports())
def test_the_counts_are_those_of_the_tests(report: Report) -> None:
    root = parsed(report)
    cases, failures = list(root.iter("testcase")), list(root.iter("failure"))
    for counted in (root, root[0]):
        assert (int(counted.attrib["tests"]), int(counted.attrib["failures"])) == (len(cases), len(failures))


def test_a_scan_without_findings_is_a_test_that_passed() -> None:
    (case,) = parsed(report()).iter("testcase")
    assert case.find("failure") is None


def test_a_failure_says_where_what_and_what_to_do() -> None:
    (case,) = parsed(report(FINDING)).iter("testcase")
    assert (case.attrib["file"], case.attrib["line"]) == ("app/settings.py", "5")
    failure = case.find("failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.text.startswith(
        "At app/settings.py:5:11: GitHub token (ghp_…, 40 characters) is in plain text here"
    )
    assert "Delete it in the settings of its owner." in failure.text
    assert "tokenward move FILE" in failure.text


def test_the_scan_began_before_it_ended() -> None:
    assert parsed(report())[0].attrib["timestamp"] == "2025-03-01T12:00:07"
