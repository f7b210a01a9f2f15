"""Limits of what a scan keeps of one text, each of which the report states."""

from __future__ import annotations

import time
import tracemalloc

import pytest

import tokens
from desk import Desk
from presentation.reporting import FINDING, report
from presentation.test_reports import FORMATS
from tokenward.detection import engine
from tokenward.detection.custom.workspace import PLAIN
from tokenward.operations.scan import report as reports
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.report import assemble_report
from tokenward.presentation.reports import csv_report, github, gitlab, json_report, junit, sarif

FEW = 5
LINE = "x = 1\n" * 5_000


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engine, reports):
        monkeypatch.setattr(module, "MOST_FOUND", FEW)


def test_a_scan_stops_after_many_tokens_and_the_report_says_so(desk: Desk) -> None:
    text = "".join(f"{LINE}t = '{tokens.github(number)}'\n" for number in range(100))
    findings, ignored = desk.context.scanner.scan_content(text.encode(), "a.py", PLAIN)
    assert FEW < len(findings) < 100
    made = assemble_report([ScannedFile("a.py", len(text), findings, ignored)], time.monotonic(), key="")
    (said,) = made.summary.left_out
    assert f"has more than {FEW} tokens, and its rest was not scanned" in said
    assert made.summary.is_partial


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_is_rendered_in_a_fraction_of_its_size(format_: str) -> None:
    modules = {"csv": csv_report, "github": github, "gitlab": gitlab, "json": json_report}
    render = (modules | {"junit": junit, "sarif": sarif})[format_].render
    many = report(*[FINDING] * 4_000)
    tracemalloc.start()
    size = sum(map(len, render(many)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < size / 4
