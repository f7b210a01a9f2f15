"""`tokenward inject`: fill the references of a template, for programs that read a file and no environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import typer

from tokenward.cli.setting import Setting, say
from tokenward.errors import TokenwardError
from tokenward.places import shown


def register(app: typer.Typer) -> None:
    app.command()(inject)


def inject(
    template: Path = typer.Argument(..., help="A file with keyring:// references."),
    output: Path = typer.Option(
        ..., "--output", "-o", help="Where to write the copy, readable by you alone."
    ),
) -> None:
    """Write a copy of a file with its references resolved; never where git tracks."""
    from tokenward.operations.resolve import resolve_text
    from tokenward.sources.files import read_text
    from tokenward.vault.private_file import create_private, replace_private

    file = read_text(template)
    if file is None:
        raise TokenwardError(f"{shown(template)} is not there; name a template that is.")
    if output.absolute() == template.absolute() or _is_tracked(output):
        raise TokenwardError(
            f"{shown(output)} is tracked by git or the template itself; choose an ignored file."
        )
    setting = Setting.here(template.absolute().parent)
    with setting.context() as context:
        filled = resolve_text(context, setting.folder, file.text)
    content = filled.reveal().encode("utf-8", "surrogateescape")
    (replace_private if output.exists() else create_private)(output, content)
    say(f"Wrote {output}")


def _is_tracked(path: Path) -> bool:
    """Whether git knows the file; without git there is nothing that could track it."""
    folder, name = path.absolute().parent, path.name
    command = ["git", "-C", str(folder), "ls-files", "--error-unmatch", "--", name]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
