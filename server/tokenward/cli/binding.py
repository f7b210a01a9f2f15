"""`tokenward bind`, `unbind` and `workspaces`: which folder may resolve which workspace's references."""

from __future__ import annotations

from pathlib import Path

import typer

from tokenward.cli.setting import confirm, is_person, say
from tokenward.custody.bindings import Bindings
from tokenward.custody.ledger import Event, Ledger
from tokenward.errors import CustodyError, WorkspaceUnbound
from tokenward.places import Places, shown


def register(app: typer.Typer) -> None:
    app.command()(bind)
    app.command()(unbind)
    app.command()(workspaces)


def bind(
    name: str = typer.Argument(..., help="The workspace name, as in keyring://NAME/…"),
    folder: Path = typer.Argument(Path(), help="The folder that may resolve its references."),
) -> None:
    """Allow a folder to resolve a workspace's references; needs a person at a terminal."""
    places = Places.of_user()
    bindings = Bindings(places.custody)
    if not is_person():
        raise CustodyError("Binding a folder needs a person at a terminal; run this in one.")
    before = bindings.folder_of(name)
    if before is not None:
        say(f"{name} belongs to {before} now.")
    confirm(f"May programs in {shown(folder.resolve())} use every token of {shown(name)}?")
    bindings.bind(name, folder)
    Ledger(places.ledger).record(Event.BOUND, origin=str(folder.resolve()), detail={"workspace": name})
    say(f"{name} belongs to {folder.resolve()} from now on.")


def unbind(name: str = typer.Argument(..., help="The workspace name.")) -> None:
    """Take a workspace name from its folder; its tokens stay in the keyring."""
    places = Places.of_user()
    if not Bindings(places.custody).unbind(name):
        raise WorkspaceUnbound(f"{shown(name)} belongs to no folder; see `tokenward workspaces`.")
    Ledger(places.ledger).record(Event.UNBOUND, detail={"workspace": name})
    say(f"{name} belongs to no folder from now on.")


def workspaces() -> None:
    """List the workspace names and the folders that they belong to."""
    for binding in Bindings(Places.of_user().custody).all():
        typer.echo(f"{binding.name}\t{shown(binding.folder)}")
