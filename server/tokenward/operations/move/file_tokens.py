"""The tokens of a file that are moved one after the other: where each is after the moves before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tokenward.errors import TokenGone
from tokenward.model import Finding, Fingerprint
from tokenward.sources.source import Source


class FileTokens:
    """What is left in a file, which is scanned again only after a move.

    Attributes:
        source: the file as it was last read.
    """

    def __init__(self, read: Callable[[], Source], scan: Callable[[Source], Sequence[Finding]]) -> None:
        """Look for them.

        Args:
            read: gives the file as it is.
            scan: finds tokens, in order.
        """
        self._read = read
        self._scan = scan
        self.source = read()
        self._left = dict(enumerate(scan(self.source)))
        self._places = Counter(finding.fingerprint for finding in self._left.values())

    def values(self, line: int | None) -> list[list[int]]:
        """The tokens of the file, or of one line, by their numbers; the places of one value are together."""
        values: dict[Fingerprint, list[int]] = {}
        for number, finding in self._left.items():
            if line is None or finding.start.line <= line <= finding.end.line:
                values.setdefault(finding.fingerprint, []).append(number)
        return list(values.values())

    def places(self, numbers: Sequence[int]) -> list[Finding]:
        """Where some tokens are in the file."""
        return [self._left[number] for number in numbers]

    def are_all(self, numbers: Sequence[int]) -> bool:
        """Whether a value is nowhere else in the file."""
        return self._places[self._left[numbers[0]].fingerprint] == len(numbers)

    def moved(self, numbers: Sequence[int]) -> None:
        """Look where the others stand, once some were moved.

        Raises:
            TokenGone: somebody else has changed the file.
        """
        self._places[self._left[numbers[0]].fingerprint] -= len(numbers)
        for number in numbers:
            del self._left[number]
        if self._left:
            self.source = self._read()
            found = self._scan(self.source)
            if [one.fingerprint for one in found] != [one.fingerprint for one in self._left.values()]:
                raise TokenGone(f"{self.source.name} has changed meanwhile; look at it and start again.")
            self._left = dict(zip(self._left, found, strict=True))
