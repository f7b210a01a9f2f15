"""`tokenward bind`, `unbind` and `workspaces`: the folder that may resolve a workspace's references."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from tokenward.cli.support.invocation import absolute
from tokenward.cli.support.own_records import own_records
from tokenward.cli.support.person import require_person, require_yes
from tokenward.cli.support.terminal import print_text, say
from tokenward.custody.bindings.bindings import Bindings, BindingState
from tokenward.custody.callers.callers import caller
from tokenward.custody.ledger.events import JSON, Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import CustodyError, WorkspaceUnbound
from tokenward.model import WORKSPACE_NAME
from tokenward.places import Places, shown

_NEEDS_PERSON = "Only a person can decide which folder may use a workspace's tokens; run this in a terminal."


def bind(
    name: str = typer.Argument(..., help="The workspace name, as in keyring://NAME/…"),
    folder: Path = typer.Argument(Path(), help="The folder that may resolve its references."),
) -> None:
    """Let a folder resolve a workspace's references.

    Requires a person at a terminal. The folder that had the name before loses it.
    """
    if not WORKSPACE_NAME.fullmatch(name):
        raise CustodyError("That is not a workspace name; copy NAME from a reference, keyring://NAME/…")
    real = absolute(folder).resolve()
    if not real.is_dir():
        raise CustodyError(f"{shown(real)} is not an accessible folder; check the path.")
    require_person(_NEEDS_PERSON)
    places = Places.of_user()
    bindings = Bindings(places.custody)
    bindings.require_fit(name)
    for before in (binding for binding in bindings.all() if binding.name == name):
        if before.folder != real:
            say(
                f"{name} belongs to {before.folder} now; that folder will no longer be able to resolve its references."
            )
        elif bindings.state_of(before) is BindingState.BOUND:
            say(f"{name} already belongs to {real}.")
        else:
            say(f"{name} belongs to an earlier folder at {real}, which this one replaced.")
    require_yes(f"May programs in {real} use every token of {name}?", otherwise=_NEEDS_PERSON)
    bindings.bind(name, real)
    Ledger(places.ledger).record(Event.BOUND, origin=str(real), detail=binding_detail(name))
    say(f"{name} now belongs to {real}.")


def unbind(name: str = typer.Argument(..., help="The workspace name.")) -> None:
    """Stop a folder from resolving a workspace's references.

    Requires a person at a terminal. The tokens stay in the keyring, but cannot be used until the name is bound again.
    """
    places = Places.of_user()
    bindings = Bindings(places.custody)
    folder = bindings.folder_of(name)
    unbound = WorkspaceUnbound("No folder has that name; run `tokenward workspaces` to list the names.")
    if folder is None:
        raise unbound
    require_yes(f"Stop programs in {folder} from using any token of {name}?", otherwise=_NEEDS_PERSON)
    if not bindings.unbind(name):
        raise unbound
    Ledger(places.ledger).record(Event.UNBOUND, origin=str(folder), detail=binding_detail(name))
    say(f"{name} no longer belongs to any folder.")


def binding_detail(name: str) -> dict[str, JSON]:
    """Return the ledger's detail of a binding: the name, and the process that changed it."""
    return {"workspace": name, **caller(os.getpid()).to_json()}


def workspaces() -> None:
    """List workspace names and their folders.

    A missing folder is marked as gone until a command runs in it at its new location. A folder whose path another
    folder has taken is marked as replaced.
    """
    places = Places.of_user()
    bindings, own = Bindings(places.custody), own_records(places)
    for binding in (one for one in bindings.all() if own.has(one.name)):
        standing = bindings.state_of(binding)
        state = "gone" if standing is None else "" if standing.belongs else "replaced"
        print_text("\t".join(filter(None, (binding.name, shown(binding.folder), state))))
