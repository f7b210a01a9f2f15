"""`tokenward rm`."""

from __future__ import annotations

import typer

from tokenward.cli.person import require_yes
from tokenward.cli.setting import Setting
from tokenward.cli.terminal import say
from tokenward.errors import EntryMissing


def register(app: typer.Typer) -> None:
    app.command("rm")(remove)


def remove(
    name: str = typer.Argument(..., help="A name of this workspace, or a whole keyring:// reference."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
) -> None:
    """Delete a stored token from the keyring.

    What refers to it stops working.
    """
    from tokenward.operations.store import remove as delete

    setting = Setting.here()
    reference = setting.reference(name)
    otherwise = f"Deleting {reference} needs a yes; say so by `--yes`."
    require_yes(f"Delete {reference} for good?", otherwise=otherwise, given=yes)
    with setting.context() as context:
        if not delete(context, setting.folder, reference):
            raise EntryMissing(f"There is no {reference}; see `tokenward list`.")
    say(f"Deleted {reference}")
