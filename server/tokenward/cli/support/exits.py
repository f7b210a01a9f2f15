"""Exit codes of the verbs that start a command, and ending with one."""

from __future__ import annotations

import os
from typing import NoReturn

import typer

from tokenward.cli.support.terminal import say

# The codes that `env`, `nohup` and `docker run` use.
NOT_STARTED = 125
NOT_EXECUTABLE = 126
NOT_FOUND = 127


def give_up(code: int, text: str) -> NoReturn:
    say(f"tokenward: {text}")
    raise typer.Exit(code)


def give_up_unfound(name: str) -> NoReturn:
    """End as a shell does when `find_program` has found none of this name."""
    if os.path.dirname(name) and os.path.exists(name):  # noqa: PTH110, PTH120 - a name as the user wrote it
        give_up(NOT_EXECUTABLE, f"{name} is no file that can be started; name a program.")
    give_up(NOT_FOUND, f"{name} is no command on PATH; check its name.")
