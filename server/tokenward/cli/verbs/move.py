"""`tokenward move`."""

from __future__ import annotations

from pathlib import Path

import typer

from tokenward.cli.move import MoveOptions, Outcomes, move_many
from tokenward.cli.support.invocation import Invocation, absolute, require_name
from tokenward.cli.support.person import refuse_assistants
from tokenward.cli.support.place import parse_place
from tokenward.errors import TokenGone, TokenwardError
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move.move_file import FileRequest, move_file
from tokenward.places import shown


def move(
    places: list[str] = typer.Argument(
        None, metavar="[FILE[:LINE] | FOLDER]...", help="Files, single lines of files, or folders."
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
    if any(place.character is not None for place in named):
        raise TokenwardError("Every token of a line is moved; omit the column.")
    roots = [absolute(place.path) for place in named]
    lines = dict(zip(roots, (place.line for place in named), strict=True))
    options = MoveOptions(lines, yes, dry_run, store_only, inject, finish)
    is_one = len(roots) == 1 and not dry_run and not roots[0].is_dir()
    if name:
        if not is_one:
            raise TokenwardError("`--name` names the token of one file; name that file alone.")
        require_name(name)
    start = roots[0] if roots else Path()
    invocation = Invocation.here(start if start.is_dir() else start.parent)
    if is_one:
        _move_one(named[0].path, invocation, options, name or None)
    else:
        move_many(invocation, roots or [invocation.folder], options)


def _move_one(path: Path, invocation: Invocation, options: MoveOptions, name: str | None) -> None:
    """Move a file's tokens and print each outcome."""
    file, editor = absolute(path), DiskEditor(notes=invocation.places.writes)
    source = editor.read(file)
    if source is None:
        raise TokenGone(f"{shown(file)} does not exist; check the path.")
    request = FileRequest(
        source, invocation.folder, options.lines[file], name, options.template, options.aside
    )
    with invocation.context() as context:
        outcomes = Outcomes(context)
        try:
            outcomes.add(path, move_file(context, request, editor))
        finally:
            outcomes.finish(invocation.folder, given=options.finishes)
    if outcomes.left:
        raise TokenwardError(f"Not every token was moved out of {shown(path)}; the reasons are above.")
