"""`tokenward restore`."""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute, short
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenwardError, VaultError
from tokenward.language import listed
from tokenward.model import Reference, references_in
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move import restore as restoring
from tokenward.operations.move.environment_line import read_environment


def restore(
    paths: list[Path] = typer.Argument(..., metavar="FILE...", help="Files from which tokens were moved."),
    name: str = typer.Option("", "--name", help="Restore only the token with this name."),
) -> None:
    """Put moved tokens back into files, in plain text.

    They also stay in the keyring.
    """
    is_whole = True
    # The files of one workspace share a context, so that a passphrase is asked for once.
    for invocation, files in groupby(paths, lambda path: Invocation.here(absolute(path).parent)):
        with invocation.context() as context:
            for path in files:
                try:
                    _restore(context, invocation, path, name or None)
                except TokenwardError as error:
                    # Without a keyring, the other files would fail too.
                    if len(paths) == 1 or isinstance(error, VaultError):
                        raise
                    say(f"{path}: {sentence(error)}")
                    is_whole = False
    if not is_whole:
        raise TokenwardError("Not every file was restored; the reasons are above.")


def _restore(context: Context, invocation: Invocation, path: Path, name: str | None) -> None:
    file, editor = absolute(path), DiskEditor(notes=invocation.places.writes)
    restored: list[Reference] = []
    for reference in restoring.restore(context, invocation.folder, file, editor, name):
        say(f"{path}: restored {reference} in plain text")
        restored.append(reference)
    # The tokens are back, so an environment file that cannot be read is no failure.
    with suppress(TokenwardError):
        _say_kept(context, editor, invocation.folder, file, restored)


def _say_kept(
    context: Context, editor: DiskEditor, folder: Path, file: Path, restored: list[Reference]
) -> None:
    source = editor.read(file)
    if source is None:
        return
    environment = read_environment(context, source, folder, editor).file.source
    kept = {reference for _, reference in references_in(environment.text)}
    names = [one.name for one in restored if one in kept]
    path = environment.origin.path
    if names and path and path != file:
        them = "it" if len(names) == 1 else "them"
        say(f"{short(path)} keeps {listed(names)}, because other code may read {them}.")
