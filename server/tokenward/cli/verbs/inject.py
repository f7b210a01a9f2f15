"""`tokenward inject`: resolve the references in a template, for programs that read a file, not the environment."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.operations.programs import find_program
from tokenward.places import shown


def register(app: typer.Typer) -> None:
    """Register the verb `inject`."""
    app.command()(inject)


def inject(
    template: Path = typer.Argument(..., help="A file with keyring:// references."),
    output: Path = typer.Option(
        ...,
        "--output",
        "-o",
        help="Where to write the copy, readable only by you; an existing file is replaced.",
    ),
) -> None:
    """Write a copy of a file with its references resolved.

    Only you can read the copy. It is refused in places where git would commit it.
    """
    from tokenward.operations.access.resolve import resolve_text
    from tokenward.operations.files.writes_under_way import noted
    from tokenward.operations.run.inject_target import require_fit, require_uncommitted, write_private
    from tokenward.operations.use import Purpose, Use
    from tokenward.sources.editable_file import read_text

    source, target = absolute(template), absolute(output)
    file = read_text(source)
    if file is None:
        raise TokenwardError(f"{shown(template)} does not exist; check the path.")
    require_fit(target, source)
    require_uncommitted(target, find_program("git"), os.environ)
    invocation = Invocation.here(source.parent)
    with invocation.context() as context:
        filled = resolve_text(context, invocation.folder, file.text, Use.own(Purpose.INJECT))
    with noted(invocation.places.writes, [target.parent]):
        write_private(target, filled.reveal().encode("utf-8", "surrogateescape"))
    say(f"Wrote {output}")
