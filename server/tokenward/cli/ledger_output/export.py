"""The ledger as NDJSON, in portions, so that it need not fit into memory."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tokenward.custody.chain.chain import NO_EVENT
from tokenward.custody.ledger.reading import ChainedRow
from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.safe_files import replace_private

_PORTION = 1_000


def lines(rows: Iterable[ChainedRow]) -> Iterator[list[str]]:
    """A line for each row, some at a time."""
    coming = map(_line, rows)
    while portion := list(islice(coming, _PORTION)):
        yield portion


def write(portions: Iterable[list[str]], path: Path) -> int:
    """Write a file that only its user may read, all of it or nothing; how many lines it has.

    Raises:
        TokenwardError: it cannot be written.
    """
    count = 0

    def pieces() -> Iterator[bytes]:
        nonlocal count
        for portion in portions:
            count += len(portion)
            yield "".join(f"{line}\n" for line in portion).encode()

    try:
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise TokenwardError(f"{shown(path)} is no regular file; choose another name.")
        replace_private(path, pieces())
    except OSError as error:
        raise TokenwardError(
            f"{shown(path)} cannot be written ({error.strerror}); see to its place."
        ) from None
    return count


def _line(chained: ChainedRow) -> str:
    row = chained.row
    chain = {"hash": chained.hash, "previous": chained.previous}
    if row.event == NO_EVENT:
        content: dict[str, object] = {"event": None, "digest": row.detail}
    else:
        content = row._asdict() | {"detail": _detail(row.detail)}
    return json.dumps({"id": chained.id, **content, **chain}, default=_spelled)


def _spelled(value: object) -> str | None:
    """A hash in hex; nothing for what only somebody else can have written."""
    return value.hex() if isinstance(value, bytes) else None


def _detail(text: str) -> object:
    """What the detail says; the text itself where somebody wrote what says nothing."""
    try:
        return json.loads(text)
    except ValueError:
        return text
