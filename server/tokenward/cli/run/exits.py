"""Exit codes of the verbs that start a command."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from tokenward.cli.support.terminal import note

BROKEN_OFF = 70
"""The output can no longer be passed on (EX_SOFTWARE of sysexits.h)."""
# The codes that `env`, `nohup` and `docker run` use.
NOT_STARTED = 125
NOT_EXECUTABLE = 126
NOT_FOUND = 127


def exit_with(code: int, text: str) -> NoReturn:
    """Print a message and exit with a code."""
    note(text)
    sys.exit(code)


def exit_not_found(name: str) -> NoReturn:
    """Exit as a shell does when `find_program` found no program of this name."""
    if os.path.dirname(name) and os.path.exists(name):  # noqa: PTH110, PTH120 - a name as the user wrote it
        exit_with(NOT_EXECUTABLE, f"{name} is not executable; name a program.")
    exit_with(NOT_FOUND, f"{name} was not found on PATH; check its name.")
