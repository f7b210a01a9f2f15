"""`tokenward move` for folders and many files: one scan, one summary, one question, and one edit for each file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.cli.move.outcomes import Outcomes, failures, short
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.person import require_yes
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import EditUncertain, TokenwardError, VaultError
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move.find_files import WorkspaceFiles, in_order
from tokenward.operations.move.move_file import FileRequest, ValueOutcome, move_file
from tokenward.operations.move.preview import FilePreview, Previewer
from tokenward.phrases import counted
from tokenward.presentation.previews import lines_of, total
from tokenward.sources.candidate import Trouble


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
        done = failures(short(path), _moved(context, request, editor), failed)
        outcomes.add(short(path), done, known={reason for reason, _ in preview.staying})
        if failed and isinstance(failed[-1], (VaultError, EditUncertain)):
            # The other files would fail too, or make it harder to see what happened.
            break
    return failed


def _moved(context: Context, request: FileRequest, editor: DiskEditor) -> Iterator[ValueOutcome]:
    yield from move_file(context, request.after_other_moves(editor), editor)
