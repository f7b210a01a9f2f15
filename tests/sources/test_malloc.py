"""Freed memory goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

RESIDENT = """
from pathlib import Path
from tokenward.sources.malloc import allocate_quickly, limit_retained_memory, release_freed_memory

def resident():
    status = Path("/proc/self/status").read_text().split()
    return int(status[status.index("VmRSS:") + 1])
"""
HOLD_THE_LAST = """
blocks = [bytes([number % 256]) * 1_000 for number in range(50_000)]
del blocks[:-1]
before = resident()
release_freed_memory()
print(before - resident())
"""
HOLD_THE_LAST_LARGE = """
allocate_quickly()
limit_retained_memory()
blocks = [bytes([number % 256]) * 100_000 for number in range(500)]
before = resident()
del blocks[:-1]
print(before - resident())
"""


pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give it back by themselves")


def freed(script: str) -> int:
    """Return by how many KB a process shrank."""
    command = [sys.executable, "-c", RESIDENT + script]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_what_was_freed_is_given_back_below_what_is_still_held() -> None:
    assert freed(HOLD_THE_LAST) > 30_000


def test_what_is_large_goes_back_by_itself() -> None:
    assert freed(HOLD_THE_LAST_LARGE) > 30_000
