"""Merges waiting batches."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from queue import Empty, Queue
from typing import TypeVar

from tokenward.sources.candidate import Candidate
from tokenward.sources.watch.watcher import Batch

T = TypeVar("T")


def drain(queue: Queue[T]) -> list[T]:
    """Wait for an item, and return everything in a queue."""
    found = [queue.get()]
    with suppress(Empty):
        while True:
            found.append(queue.get_nowait())
    return found


def merged(batches: Sequence[Batch]) -> Batch:
    """Merge successive batches into one."""
    if len(batches) == 1:
        return batches[0]
    changed: dict[Path, Candidate] = {}
    gone: set[Path] = set()
    # From the last one backwards, because a file that is gone later need not be read.
    for batch in reversed(batches):
        for candidate in batch.changed:
            path = candidate.path
            if path not in changed and path not in gone and gone.isdisjoint(path.parents):
                changed[path] = candidate
        gone |= batch.gone
    return Batch(
        tuple(changed.values()),
        frozenset(gone),
        frozenset(chain.from_iterable(batch.polled for batch in batches)),
        any(batch.rescan for batch in batches),
        tuple(dict.fromkeys(trouble for batch in batches for trouble in batch.troubles)),
    )
