"""`tokenward move`."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from tokenward.cli.move_output.finish import finish
from tokenward.cli.move_output.move_many import ManyOptions, existing, move_many
from tokenward.cli.move_output.outcomes import Outcomes
from tokenward.cli.support.invocation import Invocation, absolute, require_name
from tokenward.cli.support.person import refuse_assistants
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
    named = [_path_and_line(place) for place in places or ()]
    is_one = len(named) == 1 and not dry_run and not absolute(named[0][0]).is_dir()
    if name:
        if not is_one:
            raise TokenwardError("`--name` names the token of one file; name that file alone.")
        require_name(name)
    if not is_one:
        _move_many(named, yes=yes, dry_run=dry_run, store_only=store_only, inject=inject, finishes=finish)
        return
    path, line = named[0]
    invocation = Invocation.here(absolute(path).parent)
    request = _request(path, line, invocation, name or None, store_only=store_only, inject=inject)
    _move_one(path, request, invocation, finishes=finish)


def _move_many(
    named: list[tuple[Path, int | None]],
    *,
    yes: bool,
    dry_run: bool,
    store_only: bool,
    inject: bool,
    finishes: bool,
) -> None:
    roots = existing([path for path, _ in named])
    lines = dict(zip(roots, (line for _, line in named), strict=True))
    start = roots[0] if roots else Path()
    invocation = Invocation.here(start if start.is_dir() else start.parent)
    options = ManyOptions(lines, yes, dry_run, store_only, inject, finishes)
    move_many(invocation, roots or [invocation.folder], options)


def _path_and_line(place: str) -> tuple[Path, int | None]:
    """Split FILE:LINE, with lines from 0; an existing file whose name ends in `:NUMBER` takes precedence."""
    match = re.fullmatch(r"(.+):([1-9][0-9]*)", place, re.DOTALL)
    if match is None or Path(place).exists():
        return Path(place), None
    return Path(match[1]), int(match[2]) - 1


def _request(
    path: Path, line: int | None, invocation: Invocation, name: str | None, *, store_only: bool, inject: bool
) -> FileRequest:
    file = absolute(path)
    source = DiskEditor().read(file)
    if source is None:
        raise TokenGone(f"{shown(file)} does not exist; check the path.")
    return FileRequest(source, invocation.folder, line, name, inject, store_only)


def _move_one(path: Path, request: FileRequest, invocation: Invocation, *, finishes: bool) -> None:
    """Move a file's tokens and print each outcome."""
    editor = DiskEditor(notes=invocation.places.writes)
    with invocation.context() as context:
        outcomes = Outcomes(context)
        try:
            outcomes.add(path, move_file(context, request, editor))
        finally:
            finish(context, invocation.folder, outcomes, given=finishes)
    if outcomes.left:
        raise TokenwardError(f"Not every token was moved out of {shown(path)}; the reasons are above.")
