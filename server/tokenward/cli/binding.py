"""`tokenward bind`, `unbind` and `workspaces`: which folder may resolve which workspace's references."""

from __future__ import annotations

from pathlib import Path

import typer

from tokenward.cli.setting import absolute
from tokenward.cli.terminal import is_person, print_text, require_yes, say
from tokenward.custody.bindings import Bindings
from tokenward.custody.ledger import Event, Ledger
from tokenward.errors import CustodyError, WorkspaceUnbound
from tokenward.model import WORKSPACE_NAME
from tokenward.places import Places, shown


def register(app: typer.Typer) -> None:
    app.command()(bind)
    app.command()(unbind)
    app.command()(workspaces)


def bind(
    name: str = typer.Argument(..., help="The workspace name, as in keyring://NAME/…"),
    folder: Path = typer.Argument(Path(), help="The folder that may resolve its references."),
) -> None:
    """Allow a folder to resolve a workspace's references.

    Needs a person at a terminal. The folder that had the name before loses it.
    """
    if not WORKSPACE_NAME.fullmatch(name):
        raise CustodyError(f"{shown(name)} is no workspace name; copy it from a reference, keyring://NAME/…")
    real = absolute(folder).resolve()
    if not real.is_dir():
        raise CustodyError(f"{shown(real)} is no folder that can be reached; choose one that is there.")
    if not is_person():
        raise CustodyError("Binding a folder needs a person at a terminal; run this in one.")
    places = Places.of_user()
    bindings = Bindings(places.custody)
    before = bindings.folder_of(name)
    if before not in (None, real):
        say(f"{name} belongs to {before} now, which will no longer resolve its references.")
    require_yes(f"May programs in {real} use every token of {name}?")
    bindings.bind(name, real)
    Ledger(places.ledger).record(Event.BOUND, origin=str(real), detail={"workspace": name})
    say(f"{name} belongs to {real} from now on.")


def unbind(name: str = typer.Argument(..., help="The workspace name.")) -> None:
    """Take a workspace name from its folder.

    Its tokens stay in the keyring, and nobody may resolve them until the name is bound again.
    """
    places = Places.of_user()
    if not Bindings(places.custody).unbind(name):
        raise WorkspaceUnbound(f"{shown(name)} belongs to no folder; see `tokenward workspaces`.")
    Ledger(places.ledger).record(Event.UNBOUND, detail={"workspace": name})
    say(f"{name} belongs to no folder from now on.")


def workspaces() -> None:
    """List the workspace names and their folders."""
    for binding in Bindings(Places.of_user().custody).all():
        print_text(f"{binding.name}\t{shown(binding.folder)}")
