"""The `tokenward` command: how a failure ends it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from typing import NoReturn

from tokenward.sources.walk import core_dumps

FAILED = 2
"""Exit code of an expected failure; `run` has its own, since its command has codes too."""
UNEXPECTED = 70
"""Exit code of a fault of ours (EX_SOFTWARE of sysexits.h)."""
INTERRUPTED = 130
CUT_OFF = 1
"""Exit code when whoever read the output has gone."""


def main() -> NoReturn:
    """Run the command; a failure is one sentence on stderr and an exit code, never a traceback."""
    try:
        core_dumps.prevent()
        _occupy_standard_descriptors()
        # Here, so that Ctrl-C while the modules load shows no traceback either.
        from tokenward.cli.app import app_for

        # On Windows the toolkit would expand `*`, `%X%`, `$X` and `~`, also in the arguments of a command to run.
        app = app_for(sys.argv[1:])
        code = int(app(prog_name="tokenward", standalone_mode=False, windows_expand_args=False) or 0)
        _flush()
    except BaseException as error:  # noqa: BLE001 - a traceback may hold a value
        code = UNEXPECTED
        # Should saying it fail as well, saying nothing is better than a traceback of both.
        with contextlib.suppress(BaseException):
            code = _end(error)
            _drop_output()
    sys.exit(code)


def _end(error: BaseException) -> int:
    """Say what a failure was; its exit code."""
    from tokenward.errors import TokenwardError

    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED
    if isinstance(error, KeyboardInterrupt) or isinstance(error.__context__, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        return CUT_OFF
    if isinstance(error, TokenwardError):
        _tell(str(error))
        return FAILED
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _tell(f"{error.strerror}; make room and try again.")
        return FAILED
    return _end_by_toolkit(error)


def _end_by_toolkit(error: BaseException) -> int:
    import typer

    if isinstance(error, typer.Abort):
        _tell("The input ended before there was an answer; nothing was done.")
        return FAILED
    if not hasattr(error, "format_message"):
        _tell(f"Unexpected {type(error).__name__} at {_frames(error)}; please report this.")
        return UNEXPECTED
    # A superfluous argument is not repeated, since it may be a value that should have come by stdin.
    message = re.sub(
        r"(Got unexpected extra argument).*", r"\1s", str(error.format_message()), flags=re.DOTALL
    )
    # Nor is any other word that is too long for an option or a verb.
    message = re.sub(r"[^\s'\"]{25,}", "…", message)
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "tokenward"
    if "\n" in message:  # the help, for want of a verb
        typer.echo(message, err=True)
    else:
        _tell(f"{message.rstrip('.')}; see `{command} --help`.")
    return _usage_code(command)


def _usage_code(command: str) -> int:
    from tokenward.cli.support.exits import NOT_STARTED

    return NOT_STARTED if command in {"tokenward run", "tokenward exec"} else FAILED


def _tell(text: str) -> None:
    from tokenward.cli.support.terminal import say, sentence

    with contextlib.suppress(OSError):
        say(f"tokenward: {sentence(text)}")


def _frames(error: BaseException) -> str:
    import traceback
    from pathlib import PurePath

    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def _flush() -> None:
    from tokenward.cli.support.terminal import named_output_failures

    if sys.stdout is not None and not sys.stdout.closed:
        with named_output_failures():
            sys.stdout.flush()


def _drop_output() -> None:
    """Let what cannot be written go nowhere, or Python complains of it at its end."""
    try:
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _occupy_standard_descriptors() -> None:
    """Keep a file of ours from becoming a standard stream that was closed; a started command does not see it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
