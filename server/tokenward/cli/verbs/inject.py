"""`tokenward inject`: resolve the references in a template, for programs that read a file, not the environment."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.person import require_yes_to_show
from tokenward.cli.support.terminal import print_bytes, say
from tokenward.errors import TokenwardError
from tokenward.operations.files.writes_under_way import noted
from tokenward.operations.programs import find_program
from tokenward.operations.run.command_file import (
    fill_template,
    require_fit,
    require_uncommitted,
    write_private,
)
from tokenward.operations.use import Purpose, Use
from tokenward.places import shown
from tokenward.sources.editable_file import read_text

_STDOUT = Path("-")


def inject(
    template: Path = typer.Argument(..., help="A file with keyring:// references."),
    output: Path = typer.Option(
        ...,
        "--output",
        "-o",
        help="Where to write the copy, readable only by you; an existing file is replaced. `-` is stdout.",
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="With `-o -`: print to a terminal without asking."),
) -> None:
    """Write a copy of a file with its references resolved.

    Only you can read the copy. It is refused in places where git would commit it. `-o -` writes to a pipe, such as
    `| kubectl apply -f -`, and asks before printing to a terminal.
    """
    source, target = absolute(template), absolute(output)
    file = read_text(source)
    if file is None:
        raise TokenwardError(f"{shown(template)} does not exist; check the path.")
    if output != _STDOUT:
        require_fit(target, source)
        require_uncommitted(target, find_program("git"), os.environ)
    elif sys.stdout is not None and stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode):
        raise TokenwardError(
            "Others may read the output file, or Git may commit it; name it with `--output`."
        )
    else:
        otherwise = "A terminal would show the values and nobody can be asked; pass `--yes` to print them."
        require_yes_to_show("Show the values on this screen?", otherwise=otherwise, given=yes)
    invocation = Invocation.here(source.parent)
    with invocation.context() as context:
        use = Use.own(Purpose.INJECT)
        filled = fill_template(context, invocation.folder, (source, target), file.text, use)
    content = filled.reveal().encode("utf-8", "surrogateescape")
    if output == _STDOUT:
        print_bytes(content)
    else:
        with noted(invocation.places.writes, [target.parent]):
            write_private(target, content)
        say(f"Wrote {output}")
