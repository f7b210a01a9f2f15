"""Reads settings files that may try to block, flood or redirect their reader.

The text of each SettingsError continues a sentence that starts with the file's name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

from tokenward.errors import SettingsError
from tokenward.ownership import is_administrators
from tokenward.safe_files import NotRegular, open_regular

# The parser's time grows with the square of a dotted key's length: 0.2 s for a hostile file of this size.
MAX_FILE_BYTES = 8_192

Table = Mapping[str, object]


def user_table(path: Path) -> Table:
    """Return the table in a user's own file, which may be a link.

    Raises:
        SettingsError: it cannot be used.
        OSError: it cannot be read, or does not exist.
    """
    return _parsed(read_own_file(path, MAX_FILE_BYTES))


def workspace_table(path: Path, root: Path) -> Table:
    """Return the table in a file of a workspace, which may be a link only to another of its files.

    Raises:
        SettingsError: it cannot be used.
        OSError: it cannot be read, or does not exist.
    """
    if inside(path, root) is None:
        raise SettingsError("is a link out of the workspace and was not read; replace it with a file")
    return user_table(path)


def policy_table(path: Path) -> Table:
    """Return the table in the administrator's file.

    Raises:
        SettingsError: it cannot be used, or another user could have written it.
        OSError: it cannot be read, or does not exist.
    """

    def require_administrators(descriptor: int) -> None:
        if not is_administrators(path, descriptor):
            raise SettingsError(
                "is ignored, because others than the administrator could have written it; let root, or"
                " Administrators, own it and its folder, and nobody else write to them"
            )

    return _parsed(read_own_file(path, MAX_FILE_BYTES, require_administrators))


def read_own_file(path: Path, limit: int, check: Callable[[int], None] | None = None) -> bytes:
    """Return the content of a file that a user or the administrator named, which may be a link.

    Raises:
        SettingsError: it is not a regular file, is larger than the limit, or its descriptor fails the check.
        OSError: it cannot be read, or does not exist.
    """
    try:
        descriptor, _ = open_regular(path, follow_links=True)
    except NotRegular:
        raise SettingsError("is not a regular file and was not read; replace it with a file") from None
    with os.fdopen(descriptor, "rb") as file:
        if check is not None:
            check(descriptor)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise SettingsError(f"is larger than {limit:,} bytes and was not read; shorten it")
    return content


def inside(path: Path, root: Path) -> PurePath | None:
    """Return the path within the root that a path leads to, with all links followed; None if it leads out."""
    try:
        return path.resolve().relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return None


def _parsed(content: bytes) -> Table:
    # Most users have no such file.
    import tomllib  # noqa: PLC0415

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError("is not in UTF-8 and was not read; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        # The parser's message may quote keys of the file, so only its line number is passed on.
        line = re.search(r"at line \d+", str(error))
        place = f" {line[0]}" if line else ""
        raise SettingsError(f"is not valid TOML{place} and was not read; correct it") from None
