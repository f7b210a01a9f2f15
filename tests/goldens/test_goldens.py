"""The product does what is recorded; `make goldens` records what it does now."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from goldens import command_line, hooks, records, rewritten, scans, server, strangers
from goldens.golden import RECORDINGS, Golden, Place, is_recording

GOLDENS: tuple[Golden, ...] = (
    *rewritten.GOLDENS,
    *command_line.GOLDENS,
    *records.GOLDENS,
    *strangers.GOLDENS,
    *scans.GOLDENS,
    *hooks.GOLDENS,
    *server.GOLDENS,
)


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.name)
def test_it_does_what_is_recorded(
    golden: Golden, unlocked: dict[str, str], folder: Path, rules_home: Path
) -> None:
    if golden.is_long and not is_recording() and settings.get_current_profile_name() != "long":
        pytest.skip("`make test-long` and `make goldens` compare it")
    golden.check(Place(unlocked, folder, rules_home / "tokenward" / "rules"))


def test_every_recording_is_made_and_none_is_large() -> None:
    if is_recording():
        pytest.skip("another process may be writing one")
    files = list(RECORDINGS.glob("*.txt"))
    assert {file.stem for file in files} == {golden.name for golden in GOLDENS}
    assert sum(file.stat().st_size for file in files) < 2_000_000
