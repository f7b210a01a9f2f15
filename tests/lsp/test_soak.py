"""A short run of `benchmarks/soak.py`, which describes its steps and compares the results."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("own_interpreter")

SOAK = Path(__file__).parent.parent.parent / "benchmarks" / "soak.py"


@pytest.mark.skipif(sys.platform != "linux", reason="it measures processes by /proc")
def test_the_view_stays_what_a_fresh_scan_finds_and_nothing_grows() -> None:
    command = [
        sys.executable,
        str(SOAK),
        "--minutes",
        "0.3",
        "--files",
        "2000",
        "--pauses",
        "3",
        "--seed",
        "7",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
