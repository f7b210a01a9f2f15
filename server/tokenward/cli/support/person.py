"""The one gate for people: nothing is asked of anybody before the gate has checked who is there.

No other module of the command asks a question; a test holds that, and runs every gate as an assistant.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import select
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TextIO

from tokenward.cli.support.terminal import say
from tokenward.errors import PersonNeeded, TokenwardError
from tokenward.operations.approval.approval import ANSWER_SECONDS
from tokenward.places import shown
from tokenward.presentation import approvals as words

_NO_INPUT = "The input ended before there was an answer; nothing was done."


def is_person() -> bool:
    """Whether somebody can be asked here: at a terminal, by a command that no known assistant started."""
    return not assistant() and _is_terminal()


def refuse_assistants() -> None:
    """Return only if no known AI assistant is among those that started this command.

    Raises:
        PersonNeeded: one is.
    """
    if agent := assistant():
        raise PersonNeeded(words.agent_is_no_person(agent))


def require_person(otherwise: str) -> None:
    """Return only where a person can be asked.

    Args:
        otherwise: what to say where there is no terminal.

    Raises:
        PersonNeeded: nobody can be.
    """
    refuse_assistants()
    if not _is_terminal():
        raise PersonNeeded(otherwise)


def require_yes(question: str, *, otherwise: str, given: bool = False) -> None:
    """Return only after a person's yes, or that of a script; an assistant cannot give one to itself.

    Args:
        question: what they are asked.
        otherwise: what to say where nobody can be.
        given: the command line says yes.

    Raises:
        TokenwardError: nobody said so.
    """
    if given:
        refuse_assistants()
    elif not says_yes(question, otherwise=otherwise):
        raise TokenwardError("The answer was no, so nothing was done.")


def says_yes(question: str, *, otherwise: str) -> bool:
    """Whether a person agrees.

    Raises:
        PersonNeeded: nobody can be asked, or nobody answered.
    """
    require_person(otherwise)
    answer = _asked(sys.stdin, sys.stderr, f"{shown(question)} [y/N]: ")
    if answer is None:
        raise PersonNeeded(words.NO_ANSWER_IN_TERMINAL)
    if not answer:
        raise PersonNeeded(_NO_INPUT)
    return answer.strip().casefold() in {"y", "yes"}


def ask_text(prompt: str, *, otherwise: str) -> str:
    """A line that is not empty, for which a person may take their time.

    Raises:
        PersonNeeded: nobody can be asked.
    """
    require_person(otherwise)
    while True:
        answer = _asked(sys.stdin, sys.stderr, f"{prompt}: ", seconds=None) or ""
        if answer.strip():
            return answer.strip()
        if not answer:
            raise PersonNeeded(_NO_INPUT)


def ask_hidden(prompt: str) -> str:
    """What only somebody who knows it can type; they see when an assistant is who asks for it."""
    if agent := assistant():
        say(words.agent_asks(agent))
    if sys.platform == "win32":
        _forget_typed(sys.stdin)
    return getpass.getpass(prompt)


def ask_in_terminal(text: str) -> str | None:
    """What is typed at the controlling terminal, also while stdin is redirected; None when nothing is in time.

    Raises:
        PersonNeeded: an assistant could answer itself.
    """
    refuse_assistants()
    with _terminal() as (reading, writing):
        return _asked(reading, writing, text)


def has_terminal() -> bool:
    """Whether there is a terminal for a question, even when stdin is redirected."""
    if os.name == "nt":
        return _is_terminal()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


@cache
def assistant() -> str:
    """The known AI assistant among those that started this command; empty when there is none."""
    from tokenward.custody.callers.callers import caller

    return caller(os.getpid()).agent


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


@contextlib.contextmanager
def _terminal() -> Iterator[tuple[TextIO, TextIO]]:
    if os.name == "nt":
        yield sys.stdin, sys.stderr
        return
    # Two, because a terminal cannot be looked for a place in, which Python does for one that is read and written.
    with Path("/dev/tty").open() as reading, Path("/dev/tty").open("w") as writing:
        yield reading, writing


def _asked(reading: TextIO, writing: TextIO, text: str, seconds: float | None = ANSWER_SECONDS) -> str | None:
    """The line that is typed after a text was shown; empty at the end of the input, None when none came in time."""
    _forget_typed(reading)
    writing.write(text)
    writing.flush()
    line = _line(reading, seconds)
    if line is None:
        writing.write("\n")
    return line


def _forget_typed(reading: TextIO) -> None:
    """Drop what was typed before the question could be seen."""
    if sys.platform == "win32":
        import msvcrt

        from tokenward.cli.support.console import forget_typed

        forget_typed(msvcrt)
    else:
        import termios

        termios.tcflush(reading, termios.TCIFLUSH)


def _line(reading: TextIO, seconds: float | None) -> str | None:
    if sys.platform == "win32":
        import msvcrt

        from tokenward.cli.support.console import line

        return line(msvcrt, seconds)
    return reading.readline() if select.select([reading], [], [], seconds)[0] else None
