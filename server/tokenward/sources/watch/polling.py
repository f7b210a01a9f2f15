"""Changes by comparing one walk with the next, where the system cannot tell them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tokenward.sources.candidate import Candidate, Identity
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk


class Poll:
    """The state of the roots at the last look."""

    def __init__(self, roots: Sequence[str], choice: WalkChoice, is_closed: Callable[[], bool]) -> None:
        """Look for the first time."""
        self._roots = [Path(root) for root in roots]
        self._choice = choice
        self._is_closed = is_closed
        self.seconds = 0.0
        self._known = {path: candidate.identity for path, candidate in self._look().items()}

    def difference(self) -> tuple[list[Candidate], set[Path]]:
        """Look again: what is to be read, and what is gone."""
        found = self._look()
        if self._is_closed():
            return [], set()
        changed = [candidate for path, candidate in found.items() if self._is_new(path, candidate.identity)]
        gone = {Path(path) for path in self._known.keys() - found.keys()}
        self._known = {path: candidate.identity for path, candidate in found.items()}
        return changed, gone

    def _look(self) -> dict[str, Candidate]:
        began = time.monotonic()
        found = walk(self._roots, self._choice, self._is_closed)
        by_path = {
            os.path.join(candidate.root, candidate.name): candidate  # noqa: PTH118
            for candidate in found
            if isinstance(candidate, Candidate)
        }
        self.seconds = time.monotonic() - began
        return by_path

    def _is_new(self, path: str, identity: Identity) -> bool:
        return self._known.get(path) != identity
