from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from presentation.reporting import COMMIT, FINDING, HOSTILE_NAMES, named, read, report, reports, whole
from tokenward.operations.scan.report import IgnoredCount, Position, Report
from tokenward.presentation.reports import github

render = whole(github.render)
Command = tuple[str, dict[str, str], str]


def run(log: str) -> list[Command]:
    """Return the commands that the runner of GitHub Actions reads from a log, by the rules of its ActionCommand."""
    return [command for line in log.split("\n") if (command := command_of(line))]


def command_of(line: str) -> Command | None:
    trimmed = line.lstrip()
    if not trimmed.startswith("::") or (end := trimmed.find("::", 2)) < 0:
        return None
    name, _, listed = trimmed[2:end].partition(" ")
    pairs = (pair.split("=", 1) for pair in listed.strip().split(",") if pair)
    properties = {key: unescaped(value, {"%3A": ":", "%2C": ","}) for key, value in pairs}
    return name, properties, unescaped(trimmed[end + 2 :], {})


def unescaped(text: str, more: dict[str, str]) -> str:
    for escape, character in {"%0D": "\r", "%0A": "\n", **more, "%25": "%"}.items():
        text = text.replace(escape, character)
    return text


@settings(deadline=None)
@given(reports())
def test_the_runner_reads_every_finding_and_no_other_command(report: Report) -> None:
    commands = run(render(report))
    count = len(report.findings)
    for found, (name, properties, message) in zip(report.findings, commands[:count], strict=True):
        assert name == {"error": "error", "warning": "warning", "information": "notice"}[found.severity]
        assert read(properties["file"]) == found.path
        assert read(properties["title"]) == f"Tokenward: {found.rule}"
        since = f"in the history, since commit {COMMIT[:8]}."
        assert read(message) == f"{found.label} is in plain text {since if found.commit else 'here.'}"
        assert (int(properties["line"]), int(properties["endLine"])) == (
            found.start.line + 1,
            found.end.line + 1,
        )
    remarks = commands[count:]
    known = report.summary.known is not None
    assert len(remarks) == len(report.summary.silenced) + known + len(report.summary.left_out)
    assert {name for name, _, _ in remarks} <= {"notice"}


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_no_command_and_reads_back_as_it_was(name: str) -> None:
    commands = run(render(named(name)))
    assert [command for command, _, _ in commands] == ["error", "notice", "notice", "notice"]
    _, properties, message = commands[0]
    assert (read(properties["file"]), read(message)) == (name, f"{name} is in plain text here.")


def test_a_finding_is_an_annotation_of_its_place() -> None:
    properties = "title=Tokenward%3A github-pat,file=app/settings.py,line=5,endLine=5,col=11,endColumn=51"
    message = "GitHub token (ghp_…, 40 characters) is in plain text here."
    total = "1 token in 3 files (4.1 kB, 1.5 s)."
    assert render(report(FINDING)) == f"::error {properties}::{message}\n{total}"


def test_a_finding_of_several_lines_has_no_columns() -> None:
    key = replace(FINDING, end=Position(9, 3))
    ((_, properties, _),) = run(render(report(key)))
    assert (properties["line"], properties["endLine"]) == ("5", "10")
    assert not {"col", "endColumn"} & properties.keys()


def test_no_finding_is_no_command() -> None:
    assert render(report()) == "No tokens in 3 files (4.1 kB, 1.5 s)."


def test_one_silenced_finding_is_told_in_the_singular() -> None:
    ((_, _, message),) = run(render(report(silenced=(IgnoredCount("the baseline", 1),))))
    assert message == "1 finding is ignored by the baseline."
