"""`tokenward inject`: fill the references of a template, for programs that read a file and no environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import typer

from tokenward.cli.setting import Setting, absolute
from tokenward.cli.terminal import say
from tokenward.errors import TokenwardError
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
    from tokenward.operations.resolve import resolve_text
    from tokenward.operations.use import Purpose, Use
    from tokenward.sources.files import read_text
    from tokenward.vault.private_file import create_private, replace_private

    source, target = absolute(template), absolute(output)
    file = read_text(source)
    if file is None:
        raise TokenwardError(f"{shown(template)} is not there; name a template that is.")
    _require_fit(source, target)
    setting = Setting.here(source.parent)
    with setting.context() as context:
        filled = resolve_text(context, setting.folder, file.text, Use.own(Purpose.INJECT))
    content = filled.reveal().encode("utf-8", "surrogateescape")
    (replace_private if target.exists() else create_private)(target, content)
    say(f"Wrote {output}")


def _require_fit(source: Path, target: Path) -> None:
    if target.is_symlink() or target.is_dir():
        raise TokenwardError(f"{shown(target)} is a link or a folder; name a file.")
    if target.exists() and target.samefile(source):
        raise TokenwardError(f"{shown(target)} is the template itself; name another file.")
    if _would_be_committed(target):
        raise TokenwardError(
            f"Git would commit {shown(target)}; let it be ignored first, or name another file."
        )


def _would_be_committed(path: Path) -> bool:
    """Whether the path is in a git repository and not ignored; without git nothing could commit it."""
    # A repository's configuration may name a file system monitor, which git would run.
    options = ["-c", "core.fsmonitor=false", "-C", str(path.parent)]
    try:
        ignored = subprocess.run(
            ["git", *options, "check-ignore", "--quiet", "--", path.name], capture_output=True, check=False
        )
    except OSError:
        return False
    return ignored.returncode == 1
