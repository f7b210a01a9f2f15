"""Exit codes of the verbs that start a command."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from tokenward.cli.support.terminal import note
from tokenward.masked_start import NOT_EXECUTABLE

# With NOT_EXECUTABLE, the codes that `env`, `nohup` and `docker run` use.
NOT_STARTED = 125
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
