"""Hard negatives: values that look like a token, or are named like one, and are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from corpora import decoys_generated, decoys_identifiers, decoys_named, decoys_placeholders
from corpora.draw import Draw
from corpora.sample import Sample, labelled

Decoy = Callable[[Draw], tuple[str, str]]
EACH = 9
DECOYS: tuple[Decoy, ...] = (
    *decoys_generated.DECOYS,
    *decoys_identifiers.DECOYS,
    *decoys_named.DECOYS,
    *decoys_placeholders.DECOYS,
)


def negatives(seed: int) -> Iterator[Sample]:
    """Yield some 400 samples, none with a token."""
    for place, decoy in enumerate(DECOYS):
        for number in range(EACH):
            path, text = decoy(Draw("negatives", place, seed, number))
            yield labelled("negatives", decoy.__name__.replace("_", " "), path, text)
