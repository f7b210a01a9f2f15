"""Writes a page or a report to a file that only its user can read."""

from __future__ import annotations

from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.safe_files import replace_private


def write_report(path: Path, text: str) -> None:
    """Write a text to a file that only its user can read, or replace that file.

    Raises:
        TokenwardError: the path names something other than a file, or cannot be written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise TokenwardError(
            f"{shown(path)} is not a regular file, so nothing was written; name another file."
        )
    try:
        replace_private(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise TokenwardError(
            f"{shown(path)} cannot be written ({error.strerror}); choose another path."
        ) from None
