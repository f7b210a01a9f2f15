"""OfferCache: the quick fixes planned for the present version of each document."""

from __future__ import annotations

from tokenward.model import Point
from tokenward.operations.move.offer import Offer


class OfferCache:
    """Editors ask again whenever the cursor moves, and each plan parses the document."""

    def __init__(self) -> None:
        self._offers: dict[str, tuple[int, dict[Point, Offer]]] = {}

    def get(self, uri: str, version: int) -> dict[Point, Offer]:
        """Return the offers for one version of a document, by where their findings start."""
        known, offers = self._offers.get(uri, (version, {}))
        return offers if known == version else {}

    def put(self, uri: str, version: int, offers: dict[Point, Offer]) -> None:
        self._offers[uri] = version, offers

    def forget(self, uri: str) -> None:
        self._offers.pop(uri, None)
