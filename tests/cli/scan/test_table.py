from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from presentation.reporting import FINDING, HOSTILE_NAMES, history, named, report
from tokenward.cli.scan.table import print_report
from tokenward.operations.scan.report import IgnoredCount, KnownFindings, Report


def printed(report: Report, **options: object) -> str:
    stream = io.StringIO()
    print_report(report, Console(file=stream, **{"width": 60, **options}))  # type: ignore[arg-type]
    return stream.getvalue()


def test_a_pipe_gets_one_whole_line_a_finding_without_colours() -> None:
    deep = replace(FINDING, path="a/" * 100 + "settings.py")
    assert printed(report(FINDING, deep)).splitlines() == [
        f"{path}:5:11: error: GitHub token (ghp_…, 40 characters) [github-pat]"
        for path in (FINDING.path, deep.path)
    ] + ["1 token (2 places) in 3 files (4.1 kB, 1.5 s)."]


def test_a_token_that_is_only_for_information_is_counted_apart() -> None:
    note = replace(FINDING, fingerprint="0" * 32, severity="information")
    assert printed(report(FINDING, note)).splitlines()[-1] == (
        "1 token, and 1 for information, in 3 files (4.1 kB, 1.5 s)."
    )


def test_a_terminal_gets_a_table_that_loses_nothing() -> None:
    deep = replace(FINDING, path="a/" * 40 + "settings.py")
    shown = printed(report(deep), force_terminal=True, no_color=True, color_system=None)
    assert "Severity" in shown
    cells = [line.split("│") for line in shown.splitlines()]
    folded = "".join(cells[1].strip() for cells in cells if len(cells) > 2)
    assert folded == f"{deep.path}:5:11"


def test_a_narrow_terminal_gets_folded_lines_that_lose_nothing() -> None:
    shown = printed(report(FINDING), force_terminal=True, no_color=True, color_system=None, width=40)
    assert [line.rstrip() for line in shown.splitlines()] == [
        f"{FINDING.path}:5:11",
        "  error: GitHub token (ghp_…, 40",
        "  characters) [github-pat]",
        "1 token in 3 files (4.1 kB, 1.5 s).",
    ]
    deep = replace(FINDING, path="a/" * 40 + "settings.py")
    shown = printed(report(deep), force_terminal=True, no_color=True, color_system=None, width=40)
    assert "".join(shown.splitlines()[:3]) == f"{deep.path}:5:11"
    assert not [line for line in shown.splitlines() if len(line) > 40]


def test_a_simple_terminal_gets_lines_without_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert printed(report(FINDING), force_terminal=True, color_system=None) == printed(report(FINDING))


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_moves_no_cursor_and_is_no_command(name: str, terminal: bool) -> None:
    shown = printed(named(name), force_terminal=terminal, color_system=None)
    assert re.sub(r"\s", "", shown).isprintable()
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert "##[" not in shown


def test_a_name_is_no_markup() -> None:
    assert "[bold]rich[/bold]:5:11" in printed(named("[bold]rich[/bold]"))


def test_a_console_of_little_encoding_shows_escapes() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_report(report(replace(FINDING, path="café")), Console(file=stream, force_terminal=True, width=100))
    stream.flush()
    assert b"caf\\xe9" in stream.buffer.getvalue()  # type: ignore[attr-defined]


def test_what_was_silenced_and_left_out_stands_below() -> None:
    silent = report(silenced=(IgnoredCount(".gitleaks.toml", 3),), left_out=("x.bin is too large.",))
    assert printed(silent).splitlines() == [
        "3 findings are ignored by .gitleaks.toml.",
        "x.bin is too large.",
        "No tokens in 3 files (4.1 kB, 1.5 s).",
    ]


def test_a_history_says_the_commit_of_each_finding_and_how_many_there_are() -> None:
    assert printed(history(FINDING)).splitlines() == [
        "app/settings.py:5:11 @ 01234567: error: GitHub token (ghp_…, 40 characters) [github-pat]",
        "1 token in 3 file versions of 2 commits (4.1 kB, 1.5 s).",
    ]


def test_what_a_baseline_knows_is_counted() -> None:
    assert printed(report(known=KnownFindings("before.json", 1))).splitlines() == [
        "1 finding is known from the baseline before.json.",
        "No tokens in 3 files (4.1 kB, 1.5 s).",
    ]
