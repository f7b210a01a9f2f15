"""A recording of what the product does, and the comparison with it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

RECORDINGS = Path(__file__).parent / "recordings"
RECORD = "TOKENWARD_RECORD_GOLDENS"
"""The variable with which a run records instead of comparing."""


@dataclass(frozen=True)
class Place:
    """Where a recording is made.

    Attributes:
        environment: of a user with an unlocked keyring and compiled rules.
        folder: an empty workspace.
        rules: the folder of the compiled rules.
    """

    environment: Mapping[str, str]
    folder: Path
    rules: Path


@dataclass(frozen=True)
class Golden:
    """One recording.

    Attributes:
        name: of its file.
        make: returns its text.
        is_long: only `make test-long` and `make goldens` compare it.
        installed: returns the name and version of what it reads; empty if that is not installed.
    """

    name: str
    make: Callable[[Place], str]
    is_long: bool = False
    installed: Callable[[], str] | None = None

    def check(self, place: Place) -> None:
        """Compare with the recording, or write it."""
        file = RECORDINGS / f"{self.name}.txt"
        head = self._head(file)
        made = head + self.make(place)
        if is_recording():
            file.write_text(made, encoding="utf-8", newline="\n")
            return
        recorded = file.read_text(encoding="utf-8")
        if recorded != made:
            lines = difflib.unified_diff(
                recorded.splitlines(), made.splitlines(), "recorded", "now", lineterm=""
            )
            pytest.fail(
                "\n".join([f"{self.name} differs; `make goldens` approves it", *lines]), pytrace=False
            )

    def _head(self, file: Path) -> str:
        """Return the first line of a recording of something installed; skip if it was made of something else."""
        if self.installed is None:
            return ""
        here = self.installed()
        recorded = file.read_text(encoding="utf-8").partition("\n")[0] if file.exists() else ""
        if not here or (recorded != f"# {here}" and not is_recording()):
            pytest.skip(f"it was recorded with {recorded[2:]}, and here is {here or 'none'}")
        return f"# {here}\n"


def is_recording() -> bool:
    """Return whether this run records."""
    return bool(os.environ.get(RECORD))
