"""Outcomes: what `tokenward move` prints about each move, and the steps after it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from tokenward.cli.support.invocation import absolute, short
from tokenward.cli.support.person import is_person, says_yes
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenwardError
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.move.move import MoveResult
from tokenward.operations.move.move_file import ValueOutcome
from tokenward.operations.move.store_aside import StoredAside
from tokenward.operations.run.follow_ups import ready_step, start_step
from tokenward.phrases import either, listed
from tokenward.presentation.leases import stored_end
from tokenward.rewriting.follow_up import FollowUp

_ONE_VARIABLE = re.compile(r"(.*--only |Add (?=\w+ to `environment:`))(\w+)")


class Outcomes:
    """Prints outcomes as they come, and does or prints the steps left to do.

    Attributes:
        moved: the number of places that were moved.
        stored: the number of tokens that were stored although their text stays.
        left: the number of places that keep their token.
        files: the number of files that were changed.
        after: the steps left, each with what Tokenward can do of it; an empty one is the start of programs.
    """

    def __init__(self, context: Context) -> None:
        self.moved = self.stored = self.left = self.files = 0
        self._context = context
        self._started_in: dict[Path, None] = {}
        self.after: dict[str, FollowUp | None] = {}

    def add(self, path: Path, outcomes: Iterable[ValueOutcome], known: Collection[str] = ()) -> None:
        """Print the outcomes for a file, one line each, except refusals that the user knows already."""
        before = self.moved
        try:
            for outcome in outcomes:
                line = f"{path}:{outcome.line + 1}{self._taken_up(outcome)}"
                if not (isinstance(outcome.result, TokenwardError) and str(outcome.result) in known):
                    say(line)
        finally:
            self.files += self.moved > before

    def finish(self, folder: Path, *, given: bool) -> None:
        """Do the steps left that are commands, once a person agrees, then print the others.

        Raises:
            TokenwardError: a step that the command line asked for failed.
        """
        found = ((text, ready_step(folder, left)) for text, left in self.after.items())
        steps, failed = {text: ready for text, ready in found if ready}, False
        if steps and _agrees([*map(str, steps.values())], given=given):
            for text, step in steps.items():
                try:
                    start_step(self._context, folder, step)
                except TokenwardError as error:
                    say(sentence(error))
                    failed = True
                    continue
                say(f"Done: {step}")
                del self.after[text]
        left = list(self.after)
        if self.moved and "" in self.after:
            left = [self._start(), *filter(None, left)]
        for text in _joined(left):
            say(f"Next: {text}")
        if failed and given:
            raise TokenwardError("Not every step that is left could be done; the reasons are above.")

    def _start(self) -> str:
        """Return the step that starts programs, with their folders unless it is this one alone."""
        here = absolute(Path())
        folders = [str(short(folder)) for folder in self._started_in if folder != here]
        if not folders:
            return "Start the program with `tokenward run -- COMMAND`."
        this = ["this one"] if here in self._started_in else []
        return (
            f"Start the program with `tokenward run -- COMMAND` in its folder: {either([*folders, *this])}."
        )

    def _taken_up(self, outcome: ValueOutcome) -> str:
        result = outcome.result
        if isinstance(result, TokenwardError):
            self.left += outcome.count
            more = f" and {outcome.count - 1:,} more places" if outcome.count > 1 else ""
            return f"{more}: {sentence(result)}"
        if isinstance(result, StoredAside):
            self.stored += 1
            return f": {_stored(result)}"
        self.moved += outcome.count
        if result.after or not result.asks_helper:
            self.after[result.after] = result.left
        if result.started_in and not result.after:
            self._started_in[result.started_in] = None
        return f": {_moved(self._context, result)}"


def _agrees(commands: list[str], *, given: bool) -> bool:
    if given or not is_person():
        return given
    for command in commands:
        say(f"Left to do: {command}")
    return says_yes("Do this now, with the stored values?", otherwise="")


def _joined(steps: Iterable[str]) -> Iterator[str]:
    """Yield steps; of those that differ only in one variable, one with all their variables."""
    joined: dict[tuple[str, ...], list[str]] = {}
    for step in steps:
        found = _ONE_VARIABLE.match(step)
        before, name = found.groups() if found else (step, "")
        joined.setdefault((before, step[found.end() :] if found else ""), []).append(name)
    for (before, after), names in joined.items():
        yield before + (listed(names, len(names)) if before == "Add " else ",".join(names)) + after


def _moved(context: Context, result: MoveResult) -> str:
    places = f" from {result.count} places" if result.count > 1 else ""
    end = stored_end(terms_of(context, [result.reference])[result.reference])
    return f"moved the {result.token}{places} to the keyring as {result.reference}" + (
        f". {end}" if end else ""
    )


def _stored(result: StoredAside) -> str:
    written = (
        f"let the program read the variable {result.look_up}"
        if result.look_up == result.reference.name
        else f"write `{result.look_up}` in its place"
    )
    return f"stored the {result.token} as {result.reference} and added it to {result.environment}; {written}"
