"""`tokenward inject`: fill the references of a template, for programs that read a file and no environment."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.operations.programs import find_program
from tokenward.places import shown


def register(app: typer.Typer) -> None:
    app.command()(inject)


def inject(
    template: Path = typer.Argument(..., help="A file with keyring:// references."),
    output: Path = typer.Option(
        ...,
        "--output",
        "-o",
        help="Where to write the copy, readable by you alone; a file there is replaced.",
    ),
) -> None:
    """Write a copy of a file with its references resolved.

    Only you can read the copy, and it is written only where git would not commit it.
    """
    from tokenward.operations.access.resolve import resolve_text
    from tokenward.operations.files.writes_under_way import noted
    from tokenward.operations.run.inject_target import require_fit, require_uncommitted, write_private
    from tokenward.operations.use import Purpose, Use
    from tokenward.sources.editable_file import read_text

    source, target = absolute(template), absolute(output)
    file = read_text(source)
    if file is None:
        raise TokenwardError(f"{shown(template)} is not there; name a template that is.")
    require_fit(target, source)
    require_uncommitted(target, find_program("git"), os.environ)
    setting = Setting.here(source.parent)
    with setting.context() as context:
        filled = resolve_text(context, setting.folder, file.text, Use.own(Purpose.INJECT))
    with noted(setting.places.writes, [target.parent]):
        write_private(target, filled.reveal().encode("utf-8", "surrogateescape"))
    say(f"Wrote {output}")
