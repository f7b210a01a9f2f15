"""The single gate for questions: it checks that a person, not an assistant, is there before it asks anything.

No other module of the command asks a question; a test ensures that, and runs every gate as an assistant.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn, TextIO

from tokenward.cli.support.terminal import say
from tokenward.custody.callers.asker import asking_process, require_own_command
from tokenward.errors import PersonNeeded, TokenwardError
from tokenward.operations.approval.approval import ANSWER_SECONDS
from tokenward.operations.use import asking_caller
from tokenward.places import Places, shown
from tokenward.presentation import approvals as words

_NO_INPUT = "The input ended before an answer was given; nothing was changed."


def is_person() -> bool:
    """Return whether a person can be asked: at a terminal, in a command that no known assistant started."""
    require_own_command()
    return not assistant() and _is_terminal()


def refuse_assistants(*, but_key_holders: bool = False) -> None:
    """Refuse a command that an AI assistant started or, unless it opens the encrypted file in use, a detached process.

    Raises:
        PersonNeeded: an assistant is among the processes that started this command.
    """
    if agent := asking_caller().possible_agent if but_key_holders else assistant():
        refuse_agent(agent)


def refuse_agent(agent: str) -> NoReturn:
    """Record that a possible agent is refused this command, and refuse it.

    Raises:
        PersonNeeded: always.
    """
    from tokenward.custody.callers.callers import caller
    from tokenward.operations.recording import record_gate

    require_own_command()
    folder = Path("/")
    with contextlib.suppress(OSError):
        folder = Path.cwd()
    record_gate(Places.of_user(), caller(asking_process()), [Path(sys.argv[0]).name, *sys.argv[1:]], folder)
    raise PersonNeeded(words.agent_is_no_person(agent))


def require_person(otherwise: str) -> None:
    """Refuse to go on where no person can be asked.

    Raises:
        PersonNeeded: nobody can be asked; `otherwise` is its message if there is no terminal.
    """
    require_own_command()
    refuse_assistants()
    if not _is_terminal():
        raise PersonNeeded(otherwise)


def require_yes(question: str, *, otherwise: str, given: bool = False, but_key_holders: bool = False) -> None:
    """Require a yes from a person, or from a script by the command line; an assistant cannot give one to itself.

    Raises:
        TokenwardError: there was no yes; `otherwise` is its message if nobody can be asked.
    """
    if given:
        refuse_assistants(but_key_holders=but_key_holders)
    elif not says_yes(question, otherwise=otherwise):
        raise TokenwardError("The answer was no; nothing was changed.")


def require_yes_to_show(question: str, *, otherwise: str, given: bool = False) -> None:
    """Require a yes, as `require_yes` does, if a terminal would show what is printed.

    Raises:
        TokenwardError: there was no yes.
    """
    if sys.stdout is not None and sys.stdout.isatty():
        require_yes(question, otherwise=otherwise, given=given)


def says_yes(question: str, *, otherwise: str) -> bool:
    """Ask a person and return whether the answer is yes.

    Raises:
        PersonNeeded: nobody can be asked, or nobody answered.
    """
    require_person(otherwise)
    answer = _ask(sys.stdin, sys.stderr, f"{shown(question)} [y/N]: ")
    if answer is None:
        raise PersonNeeded(words.NO_ANSWER_IN_TERMINAL)
    if not answer:
        raise PersonNeeded(_NO_INPUT)
    return answer.strip().casefold() in {"y", "yes"}


def ask_text(prompt: str, *, otherwise: str) -> str:
    """Ask a person, without a time limit, and return a line that is not empty.

    Raises:
        PersonNeeded: nobody can be asked.
    """
    require_person(otherwise)
    while True:
        answer = _ask(sys.stdin, sys.stderr, f"{prompt}: ", seconds=None) or ""
        if answer.strip():
            return answer.strip()
        if not answer:
            raise PersonNeeded(_NO_INPUT)


def ask_hidden(prompt: str) -> str:
    """Read a secret without echo, after a warning if an assistant started the command."""
    require_own_command()
    if agent := assistant():
        say(words.agent_asks(agent))
    if sys.platform == "win32":
        _discard_typed(sys.stdin)
    return getpass.getpass(prompt)


def ask_in_terminal(text: str) -> str | None:
    """Ask at the controlling terminal, even if stdin is redirected; None without an answer in time.

    Raises:
        PersonNeeded: an assistant could answer itself.
    """
    require_own_command()
    refuse_assistants()
    with _terminal() as (reading, writing):
        return _ask(reading, writing, text)


def has_terminal() -> bool:
    """Return whether a question can be asked at a terminal, even if stdin is redirected."""
    require_own_command()
    if os.name == "nt":
        return _is_terminal()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


@cache
def assistant() -> str:
    """Return the known AI assistant that started this command, directly or not; empty without one."""
    from tokenward.custody.callers.callers import caller

    return caller(asking_process()).possible_agent


def _is_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


@contextlib.contextmanager
def _terminal() -> Iterator[tuple[TextIO, TextIO]]:
    if os.name == "nt":
        yield sys.stdin, sys.stderr
        return
    # Two streams, because Python seeks in one that is both read and written, and a terminal cannot seek.
    with Path("/dev/tty").open() as reading, Path("/dev/tty").open("w") as writing:
        yield reading, writing


def _ask(reading: TextIO, writing: TextIO, text: str, seconds: float | None = ANSWER_SECONDS) -> str | None:
    """Show a text and return the line typed after it; empty at the end of input, None without one in time."""
    _discard_typed(reading)
    writing.write(text)
    writing.flush()
    if sys.platform == "win32":
        import msvcrt

        from tokenward.cli.support.console import read_line

        line = read_line(msvcrt, seconds)
    else:
        line = reading.readline() if _can_read(reading, seconds) else None
    if line is None:
        writing.write("\n")
    return line


def _can_read(reading: TextIO, seconds: float | None) -> bool:
    """Wait for a line; return False once the time is over.

    A signal also wakes the wait through a pipe, because one that comes just before `select`, or to another thread,
    would interrupt nothing.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    before = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    try:
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = select.select([reading.fileno(), woken], [], [], left)[0]
            if woken not in ready:
                return bool(ready)
            # The handler has run by the time this returns, and most end the command.
            os.read(woken, 512)
    finally:
        signal.set_wakeup_fd(before)
        os.close(woken)
        os.close(waker)


def _discard_typed(reading: TextIO) -> None:
    """Discard input typed before the question was visible."""
    if sys.platform == "win32":
        import msvcrt

        from tokenward.cli.support.console import discard_typed

        discard_typed(msvcrt)
    else:
        import termios

        termios.tcflush(reading, termios.TCIFLUSH)
