"""write_report: a file that nobody else may read, whole or not there."""

from __future__ import annotations

from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.safe_files import replace_private


def write_report(path: Path, text: str) -> None:
    """Write a text for its user alone, in the place of what stood there.

    Raises:
        TokenwardError: there stands what is no file, or it cannot be written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise TokenwardError(f"{shown(path)} is no plain file, so nothing was written; name another.")
    try:
        replace_private(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise TokenwardError(
            f"{shown(path)} cannot be written ({error.strerror}); name another place."
        ) from None
