"""A merged batch reports the same as its parts one after the other."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tokenward.sources.candidate import Candidate, Identity, Trouble
from tokenward.sources.watch.watcher import Batch, merged

ROOT = Path("/w")
NAMES = ["a", "b", "d/a", "d/e/b"]


@st.composite
def batches(draw: st.DrawFn) -> list[Batch]:
    """Draw batches in which each change of a file gives it another size."""
    made = []
    for size in range(draw(st.integers(1, 5))):
        changed = draw(st.sets(st.sampled_from(NAMES)))
        gone = draw(st.sets(st.sampled_from([*NAMES, "d", "d/e"])))
        identities = (Identity(1, 1, size, 0, 0, name) for name in changed)
        made.append(
            Batch(
                tuple(Candidate(str(ROOT), identity, identity.size) for identity in identities),
                frozenset(ROOT / name for name in gone),
                frozenset({ROOT / str(size)}) if draw(st.booleans()) else frozenset(),
                draw(st.booleans()),
                (Trouble(ROOT, f"{size % 2}"),) if draw(st.booleans()) else (),
            )
        )
    return made


def applied(view: dict[Path, int], batch: Batch) -> dict[Path, int]:
    kept = {path: size for path, size in view.items() if not batch.is_gone(path)}
    return kept | {candidate.path: candidate.identity.size for candidate in batch.changed}


@given(batches())
def test_no_order_is_lost(told: list[Batch]) -> None:
    before = {ROOT / name: -1 for name in NAMES}
    one_by_one = before
    for batch in told:
        one_by_one = applied(one_by_one, batch)
    as_one = merged(told)
    assert applied(before, as_one) == one_by_one
    assert as_one.rescan is any(batch.rescan for batch in told)
    assert as_one.polled == {path for batch in told for path in batch.polled}
    assert set(as_one.troubles) == {trouble for batch in told for trouble in batch.troubles}
    assert len(set(as_one.troubles)) == len(as_one.troubles)
