"""MoveHistory: what the ledger says about the moves of a workspace's tokens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tokenward.custody.bindings.renames import later_names_of
from tokenward.custody.ledger.events import Event, Record, RecordQuery, added_lines, text_of, written_origin
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference
from tokenward.operations.origins import origin_name
from tokenward.places import canonical
from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class PastMove:
    """A confirmed move out of a text.

    Attributes:
        reference: the token's present one.
        is_restored: the value is back.
    """

    record: Record
    reference: Reference
    is_restored: bool

    @property
    def origin(self) -> str:
        """Return the ledger's name of the text."""
        return self.record.origin or ""

    @property
    def fingerprint(self) -> Fingerprint:
        """Return the fingerprint of the token as it was written in the text."""
        return Fingerprint(text_of(self.record.detail, "found_as") or self.record.fingerprint or "")


@dataclass(frozen=True, slots=True)
class AddedLine:
    """A line that a move added to an environment file, with the token's present reference."""

    path: Path
    reference: Reference
    text: str

    @property
    def variable(self) -> str:
        """Return the variable, which keeps its name when the token is renamed."""
        return self.text.strip().partition("=")[0]


class MoveHistory:
    """The confirmed moves of the tokens of some workspaces, the newest first.

    Attributes:
        created: the files that moves created.
    """

    def __init__(self, ledger: Ledger, workspaces: Collection[str]) -> None:
        """Read the ledger.

        Raises:
            StateDamaged: it cannot be read.
        """

        def rows(event: Event) -> Iterator[Record]:
            for name in workspaces:
                yield from ledger.matching(RecordQuery(event.value, name))

        def present(row: Record, reference: Reference) -> Reference:
            # A token that was renamed since is restored from its present name.
            return later_names_of(ledger, reference, row.id)[-1]

        self._restored = restored = {(row.move, row.origin) for row in rows(Event.RESTORED)}
        moved = sorted(rows(Event.MOVED), key=lambda row: -row.id)
        self.moves = [
            PastMove(row, present(row, row.reference), is_restored=(row.move, row.origin) in restored)
            for row in moved
            if row.reference is not None
        ]
        self._changing: dict[str, dict[int | None, PastMove]] = {}
        for move in self.moves:
            for name in _digests(move.record):
                self._changing.setdefault(name, {})[move.record.move] = move
        put = sorted(rows(Event.PUT), key=lambda row: -row.id)
        self._adding = [(move.record, move.reference) for move in self.moves]
        self._adding += [
            (row, present(row, row.reference)) for row in put if row.reference and added_lines(row)
        ]
        self.created = {
            Path(canonical(name))
            for row, _ in self._adding
            for name, added in added_lines(row).items()
            if added.get("creates") is True
        }

    def pending(self, path: Path) -> list[PastMove]:
        """Return the moves out of a file that were not restored, the newest first."""
        origin = written_origin(str(path))
        return [move for move in self.moves if move.origin == origin and not move.is_restored]

    def of(self, reference: Reference) -> list[PastMove]:
        """Return the moves of a token."""
        return [move for move in self.moves if move.reference == reference]

    def before(self, source: Source, digest: Callable[[str], Fingerprint]) -> Fingerprint | None:
        """Return a text's digest before its moves; None without any, or if something else changed it since."""
        origin = origin_name(source.origin)
        moves = (move.record for move in self.changing(origin))
        steps = [_digests(row)[origin] for row in moves if (row.move, origin) not in self._restored]
        if not steps or digest(source.text) != steps[0][1]:
            return None
        return steps[-1][0] if all(one[0] == before[1] for one, before in pairwise(steps)) else None

    def changing(self, origin: str) -> list[PastMove]:
        """Return the moves that changed a text, the newest first, each once."""
        return [*self._changing.get(origin, {}).values()]

    def added_lines(self) -> list[AddedLine]:
        """Return the lines that moves added to environment files, whether they are there or not, each once."""
        lines = (
            AddedLine(
                Path(canonical(name)),
                reference,
                text_of(added, "text").replace(str(row.reference), str(reference)),
            )
            for row, reference in self._adding
            for name, added in added_lines(row).items()
        )
        return [line for line in dict.fromkeys(lines) if line.text.strip()]


def _digests(record: Record) -> dict[str, list[Fingerprint]]:
    """Return the digests of each text before and after a move."""
    digests = record.detail.get("digests")
    pairs = digests.items() if isinstance(digests, Mapping) else ()
    return {name: [*map(Fingerprint, pair)] for name, pair in pairs if isinstance(pair, list)}
