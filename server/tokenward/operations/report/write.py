"""Writing a report to a file that only its user can read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.places import shown


def write_report(path: Path, text: str) -> None:
    """Write or replace a file that only its user can read, whole or not at all.

    Raises:
        TokenwardError: there is something else than a file, or it cannot be written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise TokenwardError(f"{shown(path)} is no plain file, so nothing was written; name another.")
    temporary = None
    try:
        # Made by mkstemp, it is 0600 from the beginning.
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        raise TokenwardError(
            f"{shown(path)} cannot be written ({error.strerror}); name another place."
        ) from None

    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
