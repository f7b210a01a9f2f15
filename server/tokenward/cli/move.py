"""What `tokenward move` does with many files, what it prints about each move, and the steps after it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.cli.support.invocation import Invocation, absolute, short
from tokenward.cli.support.person import is_person, require_yes, says_yes
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import EditUncertain, TokenwardError, VaultError
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move.find_files import WorkspaceFiles, in_order
from tokenward.operations.move.move import MoveResult
from tokenward.operations.move.move_file import FileRequest, ValueOutcome, move_file
from tokenward.operations.move.preview import FilePreview, Previewer
from tokenward.operations.move.store_aside import StoredAside
from tokenward.operations.run.follow_ups import ready_step, start_step
from tokenward.phrases import counted, either, listed
from tokenward.presentation.leases import stored_end
from tokenward.presentation.previews import lines_of, total
from tokenward.rewriting.follow_up import FollowUp
from tokenward.sources.candidate import Trouble

_ONE_VARIABLE = re.compile(r"(.*--only |Add (?=\w+ to `environment:`))(\w+)")


@dataclass(frozen=True, slots=True)
class MoveOptions:
    """The options of a move, described where the toolkit reads them.

    Attributes:
        lines: the only lines of some files whose tokens are moved, counted from 0.
    """

    lines: Mapping[Path, int | None]
    yes: bool
    dry_run: bool
    aside: bool
    template: bool
    finishes: bool


def move_many(invocation: Invocation, roots: Sequence[Path], options: MoveOptions) -> None:
    """Move the tokens of all files, once a person agrees.

    Raises:
        TokenwardError: not every token was moved.
    """
    with invocation.context() as outer:
        editor = DiskEditor(follows_links=False, notes=invocation.places.writes)
        files = WorkspaceFiles(outer, invocation.places, invocation.folder)
        context = files.context
        planned = [*_planned(files, roots, Previewer(context, editor), options)]
        movable = [one for one in planned if one[1].moved + one[1].aside]
        previews = [preview for _, preview in planned]
        say(total(previews))
        if options.dry_run or not planned:
            return
        if not movable:
            raise TokenwardError("None of these tokens can be moved, for the reasons above.")
        require_yes(
            f"Move them in {counted(len(movable), 'file')}?",
            otherwise="Nobody can be asked here; repeat the command with `--yes`, or preview it with `--dry-run`.",
            given=options.yes,
        )
        outcomes = Outcomes(context)
        failed = _move(context, movable, editor, outcomes)
        aside = f", stored {outcomes.stored:,}" if outcomes.stored else ""
        say(f"Moved {counted(outcomes.moved, 'token')} out of {counted(outcomes.files, 'file')}{aside}.")
        outcomes.finish(invocation.folder, given=options.finishes)
    left = outcomes.left + sum(preview.left for preview in previews if not preview.moved + preview.aside)
    if left or failed:
        raise TokenwardError("Not every token was moved; the reasons are above.")


def _planned(
    files: WorkspaceFiles, roots: Sequence[Path], previewer: Previewer, options: MoveOptions
) -> Iterator[tuple[FileRequest, FilePreview]]:
    """Yield each file with tokens and its preview, and print both in one line."""
    root_of = previewer.context.bindings.workspace_root
    found = [*files.find(roots, root_of)]
    for trouble in found:
        if isinstance(trouble, Trouble):
            say(trouble.sentence)
    for path in in_order([path for path in found if isinstance(path, Path)]):
        try:
            source = files.read(path, previewer.editor)
            if source is None:
                continue
            request = FileRequest(
                source, files.folder, options.lines.get(path), None, options.template, options.aside
            )
            preview = previewer.preview(request)
        except TokenwardError as error:
            say(f"{short(path)}: {sentence(error)}")
            continue
        for line in lines_of(preview):
            say(f"{short(path)}: {line}")
        yield request, preview


def _move(
    context: Context,
    planned: Sequence[tuple[FileRequest, FilePreview]],
    editor: DiskEditor,
    outcomes: Outcomes,
) -> list[TokenwardError]:
    """Move the tokens of each file; return the failures that ended a file."""
    failed: list[TokenwardError] = []
    for request, preview in planned:
        path = request.source.origin.path
        assert path is not None  # noqa: S101 - read from disk
        done = failures(short(path), _moves_of(context, request, editor), failed)
        outcomes.add(short(path), done, known={reason for reason, _ in preview.staying})
        if failed and isinstance(failed[-1], (VaultError, EditUncertain)):
            # The other files would fail too, or make it harder to see what happened.
            break
    return failed


def _moves_of(context: Context, request: FileRequest, editor: DiskEditor) -> Iterator[ValueOutcome]:
    yield from move_file(context, request.after_other_moves(editor), editor)


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
        self._print_next()
        if failed and given:
            raise TokenwardError("Not every step that is left could be done; the reasons are above.")

    def _print_next(self) -> None:
        """Print the steps left to do before programs get their values."""
        steps = list(self.after)
        if self.moved and "" in self.after:
            steps = [self._start(), *filter(None, steps)]
        for step in _joined(steps):
            say(f"Next: {step}")

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


def failures(
    path: Path, outcomes: Iterable[ValueOutcome], failed: list[TokenwardError]
) -> Iterator[ValueOutcome]:
    """Yield outcomes; a failure that ends them is printed in one line and added to a list."""
    try:
        yield from outcomes
    except TokenwardError as error:
        say(f"{path}: {sentence(error)}")
        failed.append(error)


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
