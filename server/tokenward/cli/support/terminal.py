"""Output: messages for people on stderr, and data for programs on stdout."""

from __future__ import annotations

import contextlib
import errno
import io
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.presentation.reports.spelling import spelled, without_commands

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def replace_unprintable() -> None:
    """Print an escape for each character that the encoding of standard output lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Print a line for people on stderr, so that stdout is free for programs."""
    if sys.stderr is not None:
        sys.stderr.write(f"{without_commands(shown(text))}\n")
        sys.stderr.flush()


def note(text: object) -> None:
    """Print a sentence for people, after the program's name."""
    say(f"tokenward: {sentence(text)}")


def sentence(error: object) -> str:
    """Return a failure's text with a full stop."""
    return f"{str(error).rstrip('.')}."


def console_text(text: str, console: Console) -> Text:
    """Return a Text without markup, of characters that the console's encoding has."""
    from rich.text import Text

    spelling = spelled(text)
    if sys.platform == "win32":
        # A path is full of backslashes there.
        spelling = spelling.replace("\\\\", "\\")
    return Text(spelling.encode(console.encoding, "backslashreplace").decode(console.encoding))


def print_text(text: str) -> None:
    """Print for programs, in UTF-8 whatever the locale, and without translating line ends.

    Raises:
        TokenwardError: stdout is closed or cannot be written to.
    """
    print_bytes(f"{text}\n".encode("utf-8", "surrogateescape"))


def print_bytes(content: bytes) -> None:
    """Print for programs.

    Raises:
        TokenwardError: stdout is closed or cannot be written to.
    """
    _print([content])


def print_pieces(pieces: Iterable[str]) -> None:
    """Print like `print_text` a text that comes in pieces.

    Raises:
        TokenwardError: stdout is closed or cannot be written to.
    """
    _print(chain((piece.encode("utf-8", "surrogateescape") for piece in pieces), [b"\n"]))


def _print(pieces: Iterable[bytes]) -> None:
    if sys.stdout is None:
        raise TokenwardError("Nothing can be printed because stdout is closed; open it and try again.")
    with named_output_failures():
        sys.stdout.flush()
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def is_reader_gone(error: BaseException) -> bool:
    """Return whether output failed because its reader has ended, for which Windows has no separate number."""
    is_unnamed = sys.platform == "win32" and isinstance(error, OSError) and error.errno == errno.EINVAL
    return isinstance(error, BrokenPipeError) or is_unnamed


@contextlib.contextmanager
def named_output_failures() -> Iterator[None]:
    """Turn a failure to write output into a TokenwardError, except that the reader is gone."""
    try:
        yield
    except OSError as error:
        if is_reader_gone(error):
            raise BrokenPipeError from None
        raise TokenwardError(
            f"The output cannot be written ({error.strerror}); check its destination."
        ) from None
