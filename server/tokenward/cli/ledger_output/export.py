"""The ledger as NDJSON, in portions, so that it need not fit into memory."""

from __future__ import annotations

import contextlib
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


def ndjson_lines(rows: Iterable[ChainedRow]) -> Iterator[list[str]]:
    """Yield portions of lines, one line per row."""
    coming = map(_line, rows)
    while portion := list(islice(coming, _PORTION)):
        yield portion


def write_lines(portions: Iterable[list[str]], path: Path) -> int:
    """Write a file that only its user can read, completely or not at all; return the number of lines.

    Raises:
        TokenwardError: the file cannot be written.
    """
    count = 0

    def pieces() -> Iterator[bytes]:
        nonlocal count
        for portion in portions:
            count += len(portion)
            yield "".join(f"{line}\n" for line in portion).encode()

    try:
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise TokenwardError(f"{shown(path)} is not a regular file; choose another name.")
        replace_private(path, pieces())
    except OSError as error:
        raise TokenwardError(
            f"{shown(path)} cannot be written ({error.strerror}); check its folder."
        ) from None
    return count


def _line(chained: ChainedRow) -> str:
    row = chained.row
    chain = {"hash": chained.hash, "previous": chained.previous}
    if row.event == NO_EVENT:
        content: dict[str, object] = {"event": None, "digest": row.detail}
    else:
        detail: object = row.detail
        # Only a program other than Tokenward writes a detail that is not JSON.
        with contextlib.suppress(ValueError):
            detail = json.loads(row.detail)
        content = row._asdict() | {"detail": detail}
    document = {"id": chained.id, **content, **chain}
    return json.dumps(document, default=lambda value: value.hex() if isinstance(value, bytes) else None)
