"""The terminal: what is said to people there, and printed for programs."""

from __future__ import annotations

import contextlib
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
