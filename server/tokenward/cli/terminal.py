"""The terminal: what is said to people there, asked of them, and printed for programs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import typer

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.presentation.reports.spelling import without_commands


def say(text: str) -> None:
    """A line for people on stderr, so that stdout is for programs."""
    typer.echo(without_commands(shown(text)), err=True)


def sentence(error: object) -> str:
    """The text of a failure, with its full stop."""
    return f"{str(error).rstrip('.')}."


def print_text(text: str) -> None:
    """Print for programs, in UTF-8 whatever the locale is, and without translating line ends.

    Raises:
        TokenwardError: stdout is closed, or cannot be written.
    """
    if sys.stdout is None:
        raise TokenwardError("Nothing can be printed, since stdout is closed; open it and try again.")
    with named_output_failures():
        sys.stdout.flush()
        sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def named_output_failures() -> Iterator[None]:
    """Turn the system's refusal to take output into a TokenwardError; that the reader has gone is no failure of it."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TokenwardError(f"The output cannot be written ({error.strerror}); see to its place.") from None


def is_person() -> bool:
    """Whether somebody sits at a terminal that can be asked a question."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def has_terminal() -> bool:
    """Whether there is a terminal for a hidden question, even when stdin is redirected."""
    if os.name == "nt":
        return is_person()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def require_yes(question: str) -> None:
    """Ask on the terminal.

    Raises:
        TokenwardError: the answer was no.
    """
    if not typer.confirm(shown(question), err=True):
        raise TokenwardError("The answer was no, so nothing was done.")
