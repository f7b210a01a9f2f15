"""write_report: a file that nobody else may read, whole or not there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.places import shown


def write_report(path: Path, text: str) -> None:
    """Write a text for its user alone, in the place of what stood there.

    Raises:
        TokenwardError: there stands what is no file, or it cannot be written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise TokenwardError(f"{shown(path)} is no plain file, so nothing was written; name another.")
    try:
        _replace(path, text)
    except OSError as error:
        raise TokenwardError(
            f"{shown(path)} cannot be written ({error.strerror}); name another place."
        ) from None


def _replace(path: Path, text: str) -> None:
    # Made by mkstemp, it is 0600 from the beginning.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
