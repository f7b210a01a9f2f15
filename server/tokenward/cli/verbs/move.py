"""`tokenward move`: its progress on a terminal, and its outcomes."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute, require_name, short
from tokenward.cli.support.options import NamedPlace, parse_place
from tokenward.cli.support.person import is_person, refuse_assistants, require_yes, says_yes
from tokenward.cli.support.terminal import say, sentence
from tokenward.custody.ledger.database import databases_kept_open
from tokenward.errors import EditUncertain, MoveStopped, TokenGone, TokenwardError, VaultError
from tokenward.language import counted, either, listed
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move.file_tokens import Spot, no_token_at
from tokenward.operations.move.find_files import WorkspaceFiles, in_order
from tokenward.operations.move.move import MoveResult
from tokenward.operations.move.move_file import ValueOutcome, move_file
from tokenward.operations.move.preview import FilePreview, FileRequest, Previewer
from tokenward.operations.move.store_aside import StoredAside
from tokenward.operations.run.follow_ups import ready_step, start_step
from tokenward.places import shown
from tokenward.presentation.leases import stored_end
from tokenward.presentation.previews import lines_of, total
from tokenward.rewriting.follow_up import FollowUp
from tokenward.sources.candidate import Trouble

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


@contextmanager
def move_progress() -> Iterator[Callable[[int], bool]]:
    """Yield a function to call with a number of tokens: it shows their sum, and returns whether Ctrl+C was pressed.

    A second Ctrl+C ends the command at once.
    """
    is_pressed, done = False, 0
    before = signal.getsignal(signal.SIGINT)
    is_terminal = sys.stderr is not None and sys.stderr.isatty()

    def stop(*_: object) -> None:
        nonlocal is_pressed
        is_pressed = True
        signal.signal(signal.SIGINT, before)
        if is_terminal:
            # A handler may interrupt a write to the stream itself.
            os.write(2, b"\nStopping after the tokens under way; press Ctrl+C again to stop at once.\n")

    def watch(count: int) -> bool:
        nonlocal done
        done += count
        if is_terminal and not is_pressed:
            # It only gets longer, so it covers the one before it.
            sys.stderr.write(f"\rMoving: {counted(done, 'token')} so far; Ctrl+C stops\r")
            sys.stderr.flush()
        return is_pressed

    # Where it is ignored, as in the background of a script, it stays so.
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, stop)
    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True, slots=True)
class MoveOptions:
    """The options of a move, described where the toolkit reads them.

    Attributes:
        spots: the only places in some files whose tokens are moved, by the files' real paths.
    """

    spots: Mapping[str, tuple[Spot, ...]]
    yes: bool
    dry_run: bool
    aside: bool
    template: bool
    finishes: bool

    def spots_in(self, path: Path) -> tuple[Spot, ...]:
        """Return the only places in a file whose tokens are moved; empty for all of them."""
        return self.spots.get(os.path.realpath(path), ())


def move(
    places: list[str] = typer.Argument(
        None, metavar="[FILE[:LINE[:COLUMN]] | FOLDER]...", help="Files, places in files, or folders."
    ),
    *,
    name: str = typer.Option("", "--name", help="The token's name; by default, one that its place suggests."),
    all_: bool = typer.Option(False, "--all", help="Move the tokens of the whole workspace."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask before moving tokens of several files."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only print what would be moved where."),
    store_only: bool = typer.Option(
        False,
        "--store-only",
        help="Store tokens that cannot be replaced, add them to .env, and leave their text.",
    ),
    inject: bool = typer.Option(
        False,
        "--inject",
        help="Leave references for `tokenward inject` in files that no known program reads.",
    ),
    finish: bool = typer.Option(
        False, "--finish", help="Also set the secrets in CI and register the helpers that the moves need."
    ),
) -> None:
    """Move tokens out of files into the keyring.

    Each token is replaced by a lookup that the program reading the file understands, and .env gains the reference.
    Several files are moved only after a summary and a question.
    """
    if bool(places) == all_:
        raise TokenwardError("Name files or folders, or use `--all` for the whole workspace.")
    if finish:
        refuse_assistants()
    named = [parse_place(place, may_be_file=True) for place in places or ()]
    # Paths may name one file in several ways.
    roots = [*{os.path.realpath(absolute(place.path)): absolute(place.path) for place in named}.values()]
    options = MoveOptions(_spots(named), yes, dry_run, store_only, inject, finish)
    is_one = len(roots) == 1 and not dry_run and not roots[0].is_dir()
    if name:
        if not is_one:
            raise TokenwardError("`--name` names the token of one file; name that file alone.")
        require_name(name)
    start = roots[0] if roots else Path()
    invocation = Invocation.here(start if start.is_dir() else start.parent)
    if is_one:
        _move_one(named[-1].path, invocation, options, name or None)
    else:
        _move_many(invocation, roots or [invocation.folder], options)


def _spots(named: Sequence[NamedPlace]) -> dict[str, tuple[Spot, ...]]:
    """Return the places in files, by real path, without those of files that are also named as a whole."""
    spots: dict[str, tuple[Spot, ...]] = {}
    whole: set[str] = set()
    for path, line, character in named:
        real = os.path.realpath(absolute(path))
        if line is None:
            whole.add(real)
        else:
            spots[real] = (*spots.get(real, ()), Spot(line, character))
    return {real: own for real, own in spots.items() if real not in whole}


def _move_one(path: Path, invocation: Invocation, options: MoveOptions, name: str | None) -> None:
    """Move a file's tokens and print each outcome."""
    file, editor = absolute(path), DiskEditor(notes=invocation.places.writes)
    source = editor.read(file)
    if source is None:
        raise TokenGone(f"{shown(file)} does not exist; check the path.")
    request = FileRequest(
        source, invocation.folder, options.spots_in(file), name, options.template, options.aside
    )
    with databases_kept_open(), invocation.context() as context:
        outcomes = Outcomes(context)
        try:
            with move_progress() as watch:
                outcomes.add(path, move_file(context, request, editor, watch))
        finally:
            outcomes.finish(invocation.folder, given=options.finishes)
    if outcomes.left:
        raise TokenwardError(f"Not every token was moved out of {shown(path)}; the reasons are above.")


def _move_many(invocation: Invocation, roots: Sequence[Path], options: MoveOptions) -> None:
    """Move the tokens of all files, once a person agrees.

    Raises:
        TokenwardError: not every token was moved.
    """
    with databases_kept_open(), invocation.context() as outer:
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
            but_key_holders=True,
        )
        outcomes = Outcomes(context)
        with move_progress() as watch:
            failed = _move(context, movable, editor, outcomes, watch)
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
            if options.spots_in(trouble.path):
                raise TokenwardError(trouble.sentence)
            say(trouble.sentence)
    paths = [path for path in found if isinstance(path, Path)]
    # A place that was named is not passed over like a file without tokens.
    if gone := options.spots.keys() - set(map(os.path.realpath, paths)):
        raise no_token_at(min(gone), options.spots[min(gone)][0])
    for path in in_order(paths):
        try:
            source = files.read(path, previewer.editor)
            if source is None:
                continue
            request = FileRequest(
                source, files.folder, options.spots_in(path), None, options.template, options.aside
            )
            preview = previewer.preview(request)
        except TokenwardError as error:
            if options.spots_in(path):
                raise
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
    watch: Callable[[int], bool],
) -> list[TokenwardError]:
    """Move the tokens of each file; return the failures that ended a file."""
    failed: list[TokenwardError] = []
    for request, preview in planned:
        path = request.source.origin.path
        assert path is not None  # noqa: S101 - read from disk
        known = {reason for reason, _ in preview.staying}
        try:
            current = request.after_other_moves(editor)
            outcomes.add(short(path), move_file(context, current, editor, watch, preview), known)
        except TokenwardError as error:
            say(f"{short(path)}: {sentence(error)}")
            failed.append(error)
            if isinstance(error, (VaultError, EditUncertain, MoveStopped)):
                # The other files would fail too, or make it harder to see what happened.
                break
    return failed
