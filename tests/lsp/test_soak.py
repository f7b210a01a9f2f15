"""A short run of `benchmarks/soak.py`, which describes its steps and compares the results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from examples import fewer

pytestmark = pytest.mark.usefixtures("own_interpreter")

SOAK = Path(__file__).parent.parent.parent / "benchmarks" / "soak.py"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it measures processes by /proc")
def test_the_view_stays_what_a_fresh_scan_finds_and_nothing_grows(rules_home: Path) -> None:
    command = [
        sys.executable,
        str(SOAK),
        "--minutes",
        str(fewer(1, 3) / 10),
        "--files",
        str(fewer(600, 2_000)),
        "--pauses",
        str(fewer(2, 3)),
        "--seed",
        "7",
        "--cache",
        str(rules_home),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
