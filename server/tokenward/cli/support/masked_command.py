"""A command of `tokenward run` whose output shows none of the values that it was given. POSIX alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tokenward.cli.support.exits import give_up
from tokenward.cli.support.inherited import encoded
from tokenward.cli.support.watched_command import BROKEN_OFF
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.run.environment import Environment


def run_masked(program: str, command: list[str], environment: Environment) -> int:
    """Run a command; its exit code, or 128 and the number of the signal that ended it.

    Raises:
        NotStarted: the system does not start it.
    """
    from tokenward.detection.rules.providers import public_prefixes
    from tokenward.findings.known_values.encodings import spellings
    from tokenward.operations.terminal.mask_values import mask_values
    from tokenward.operations.terminal.run_command import (
        Command,
        has_terminal,
        run_at_terminal,
        run_through_pipes,
    )
    from tokenward.sources.stream.child_process import NotStarted

    filters = mask_values(spellings(environment.secrets, public_prefixes()))
    started = Command(program, [os.fsencode(word) for word in command], encoded(environment.variables))
    run = run_at_terminal if has_terminal() else run_through_pipes
    try:
        return run(started, filters).code
    except NotStarted:
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        why = f"an unexpected {type(error).__name__}"
        give_up(
            BROKEN_OFF,
            f"The output of {shown(command[0])} could not be masked because of {why}; report that.",
        )
