"""`tokenward bind`, `unbind` and `workspaces`: which folder may resolve which workspace's references."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from tokenward.cli.support.invocation import absolute
from tokenward.cli.support.person import require_person, require_yes
from tokenward.cli.support.terminal import print_text, say
from tokenward.custody.bindings.belonging import Binding, BindingState
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.callers.callers import caller
from tokenward.custody.ledger.events import JSON, Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import CustodyError, WorkspaceUnbound
from tokenward.model import WORKSPACE_NAME
from tokenward.places import Places, shown

_NEEDS_PERSON = (
    "Only a person at a terminal decides which folder may use a workspace's tokens; run this in one."
)


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
        raise CustodyError("That is not a workspace name; copy it from a reference, keyring://NAME/…")
    real = absolute(folder).resolve()
    if not real.is_dir():
        raise CustodyError(f"{shown(real)} is no folder that can be reached; choose one that is there.")
    require_person(_NEEDS_PERSON)
    places = Places.of_user()
    bindings = Bindings(places.custody)
    bindings.require_fit(name)
    for before in (binding for binding in bindings.all() if binding.name == name):
        say(_loser(bindings, before, real))
    require_yes(f"May programs in {real} use every token of {name}?", otherwise=_NEEDS_PERSON)
    bindings.bind(name, real)
    Ledger(places.ledger).record(Event.BOUND, origin=str(real), detail=_detail(name))
    say(f"{name} belongs to {real} from now on.")


def _loser(bindings: Bindings, before: Binding, real: Path) -> str:
    """Who has a name until it is given to a folder."""
    if before.folder != real:
        return f"{before.name} belongs to {before.folder} now, which will no longer resolve its references."
    if bindings.state_of(before) is BindingState.BOUND:
        return f"{before.name} belongs to {real} already."
    return f"{before.name} belongs to the folder that was at {real} before this one."


def unbind(name: str = typer.Argument(..., help="The workspace name.")) -> None:
    """Take a workspace name from its folder.

    Needs a person at a terminal. Its tokens stay in the keyring, and nobody may resolve them until the name is bound
    again.
    """
    places = Places.of_user()
    bindings = Bindings(places.custody)
    folder = bindings.folder_of(name)
    if folder is None:
        raise _unbound()
    require_yes(f"Stop programs in {folder} from using any token of {name}?", otherwise=_NEEDS_PERSON)
    if not bindings.unbind(name):
        raise _unbound()
    Ledger(places.ledger).record(Event.UNBOUND, origin=str(folder), detail=_detail(name))
    say(f"{name} belongs to no folder from now on.")


def _unbound() -> WorkspaceUnbound:
    return WorkspaceUnbound("No folder has that name; see `tokenward workspaces`.")


def _detail(name: str) -> dict[str, JSON]:
    """Which name, and who has it bound or unbound."""
    return {"workspace": name, **caller(os.getpid()).to_json()}


def workspaces() -> None:
    """List the workspace names and their folders.

    A folder that is not there is called gone, until a command is run in it at its new place. One that another folder
    has taken the place of is called replaced.
    """
    bindings = Bindings(Places.of_user().custody)
    for binding in bindings.all():
        cells = binding.name, shown(binding.folder), _state(bindings.state_of(binding))
        print_text("\t".join(cell for cell in cells if cell))


def _state(standing: BindingState | None) -> str:
    if standing is None:
        return "gone"
    return "" if standing.belongs else "replaced"
