"""`tokenward move`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute, require_name, short
from tokenward.cli.support.person import refuse_assistants, require_yes
from tokenward.cli.support.place import NamedPlace, parse_place
from tokenward.cli.support.terminal import say, sentence
from tokenward.cli.verbs.move_outcomes import Outcomes
from tokenward.cli.verbs.move_progress import move_progress
from tokenward.custody.ledger.database import databases_kept_open
from tokenward.errors import EditUncertain, MoveStopped, TokenGone, TokenwardError, VaultError
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move.file_tokens import Spot, no_token_at
from tokenward.operations.move.find_files import WorkspaceFiles, in_order
from tokenward.operations.move.move_file import FileRequest, move_file
from tokenward.operations.move.preview import FilePreview, Previewer
from tokenward.phrases import counted
from tokenward.places import shown
from tokenward.presentation.previews import lines_of, total
from tokenward.sources.candidate import Trouble


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
    watch: Callable[[], bool],
) -> list[TokenwardError]:
    """Move the tokens of each file; return the failures that ended a file."""
    failed: list[TokenwardError] = []
    for request, preview in planned:
        path = request.source.origin.path
        assert path is not None  # noqa: S101 - read from disk
        known = {reason for reason, _ in preview.staying}
        try:
            outcomes.add(
                short(path), move_file(context, request.after_other_moves(editor), editor, watch), known
            )
        except TokenwardError as error:
            say(f"{short(path)}: {sentence(error)}")
            failed.append(error)
            if isinstance(error, (VaultError, EditUncertain, MoveStopped)):
                # The other files would fail too, or make it harder to see what happened.
                break
    return failed
