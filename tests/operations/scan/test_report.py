"""A scan that skipped something it should have scanned is not clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile
from tokenward.operations.scan.report import assemble_report
from tokenward.sources.candidate import Trouble


@pytest.mark.parametrize("is_failure", [True, False])
def test_a_failure_makes_a_report_partial_and_what_is_left_out_does_not(
    tmp_path: Path, is_failure: bool
) -> None:
    results: list[ScannedFile | CleanFiles | Trouble] = [
        CleanFiles(2, 30),
        ScannedFile(str(tmp_path / "a"), 4, ()),
        Trouble(tmp_path / "b", "b.", is_failure),
    ]
    summary = assemble_report(results, 0.0, key="key").summary
    assert (summary.files, summary.bytes, summary.left_out, summary.is_partial) == (
        3,
        34,
        ("b.",),
        is_failure,
    )
