"""The question whether to do the steps left after a move."""

from __future__ import annotations

from pathlib import Path

from tokenward.cli.move_output.outcomes import Outcomes
from tokenward.cli.support.person import is_person, says_yes
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenwardError
from tokenward.operations.context import Context
from tokenward.operations.run.left_steps import ready_step, start_step


def finish(context: Context, folder: Path, outcomes: Outcomes, *, given: bool) -> None:
    """Do the steps that are commands, once a person agrees, then print those that are left.

    Raises:
        TokenwardError: a step that the command line asked for failed.
    """
    found = ((text, ready_step(folder, left)) for text, left in outcomes.after.items())
    steps, failed = {text: ready for text, ready in found if ready}, False
    if steps and _agrees([*map(str, steps.values())], given=given):
        for text, step in steps.items():
            try:
                start_step(context, folder, step)
            except TokenwardError as error:
                say(sentence(error))
                failed = True
                continue
            say(f"Done: {step}")
            del outcomes.after[text]
    outcomes.print_next()
    if failed and given:
        raise TokenwardError("Not every step that is left could be done; the reasons are above.")


def _agrees(commands: list[str], *, given: bool) -> bool:
    if given or not is_person():
        return given
    for command in commands:
        say(f"Left to do: {command}")
    return says_yes("Do this now, with the stored values?", otherwise="")
