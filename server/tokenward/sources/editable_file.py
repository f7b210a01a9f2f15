"""Reads a file of a workspace that may try to block, flood or deceive its reader."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from tokenward.errors import EditRefused
from tokenward.fast_dataclasses import dataclass
from tokenward.places import shown
from tokenward.safe_files import NotRegular, open_regular, reason_of
from tokenward.sources.encoding import WIDE_MARKS, decoded

LARGEST = 50_000_000
"""The most bytes of a file that is read as a whole."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's text and the bytes that it came from.

    A byte that is not UTF-8 is a lone surrogate in the text, so that writing the text back keeps it.
    """

    text: str
    content: bytes = field(repr=False)


def read_text(path: Path) -> TextFile | None:
    """Return a regular file's text for editing; None if there is no file.

    Raises:
        EditRefused: it exists but is not a text file that can be edited.
    """
    content = _read(path)
    if content is None:
        return None
    if content.startswith(WIDE_MARKS):
        raise EditRefused(f"{shown(path.name)} is in UTF-16 or UTF-32; save it as UTF-8, then try again.")
    return TextFile(content.decode("utf-8", "surrogateescape"), content)


def read_any_text(path: Path) -> str:
    """Return a file's text for reading, in UTF-8, UTF-16 or UTF-32, without its byte order mark; empty without a file.

    Raises:
        EditRefused: it is not a regular file, or cannot be read.
    """
    content = _read(path)
    return "" if content is None else decoded(content)[0]


def text_if_readable(path: Path) -> str:
    """Return the same; empty also if it cannot be read."""
    with suppress(OSError, EditRefused):
        return read_any_text(path)
    return ""


def _read(path: Path) -> bytes | None:
    try:
        descriptor, status = open_regular(path, follow_links=True)
    except FileNotFoundError:
        return None
    except NotRegular:
        raise EditRefused(f"{shown(path.name)} is not a regular file; replace it with one.") from None
    except (OSError, ValueError) as error:
        if sys.platform == "win32" and getattr(error, "errno", 0) == errno.EINVAL:
            # A name that Windows does not allow.
            return None
        why = f"cannot be read ({reason_of(error)}); check its permissions"
        raise EditRefused(f"{shown(path.name)} {why}.") from None
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > LARGEST:
            raise EditRefused(f"{shown(path.name)} is larger than {LARGEST:,} bytes; edit it by hand.")
        return file.read(LARGEST + 1)
