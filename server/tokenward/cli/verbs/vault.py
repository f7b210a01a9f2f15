"""`tokenward vault`: the encrypted file, for a machine without a keyring."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.passphrase import new_passphrase
from tokenward.cli.support.person import has_terminal, refuse_assistants, require_person, says_yes
from tokenward.cli.support.terminal import say
from tokenward.cli.verbs.bind import binding_detail
from tokenward.custody.ledger.events import Event, RecordQuery
from tokenward.errors import CustodyError, VaultError
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.stored import reconcile
from tokenward.operations.vault_choice import encrypted_file
from tokenward.places import shown
from tokenward.vault.encrypted_file import create
from tokenward.vault.unlocking import Unlocking

_NEEDS_PERSON = "Only a person can decide which folder may use a workspace's tokens; run this in a terminal."
vault = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Set up storage for tokens without an OS keyring, or recover lost records.",
)


@vault.command()
def init(
    file: bool = typer.Option(
        False, "--file", help="Store tokens in an encrypted file instead of the OS keyring."
    ),
) -> None:
    """Create an encrypted file and use it from now on.

    Prompts for a passphrase, unless TOKENWARD_VAULT_PASSPHRASE contains one or TOKENWARD_VAULT_KEY contains a key.
    """
    if not file:
        raise VaultError("The OS keyring needs no setup; for an encrypted file, pass `--file`.")
    invocation = Invocation.here()
    path = encrypted_file(invocation.places, invocation.settings)
    if path.exists():
        raise VaultError(f"{shown(path)} already exists and was not changed; use it, or move it away.")
    unlocking = Unlocking.from_environment(os.environ)
    if unlocking == Unlocking() and has_terminal():
        # An assistant that chooses the passphrase could open the file.
        refuse_assistants()
        unlocking = Unlocking(new_passphrase())
    create(path, unlocking)
    say(f"Tokens are now stored in {path}. A lost passphrase or key cannot be recovered.")
    if invocation.settings.vault == "keyring":
        say("However, your settings choose the keyring; remove `vault` from them, or set it to `file`.")


@vault.command()
def recover() -> None:
    """Rebuild the records of this folder's tokens, after a database was lost.

    Looks for their names in the folder's files and in the ledger, and for their values in the keyring. Requires a
    person at a terminal, who is asked about each workspace name. The tokens get the leases of new ones.
    """
    require_person(_NEEDS_PERSON)
    invocation = Invocation.here()
    folder = invocation.folder.resolve()
    with invocation.context() as context:
        proposed = reconcile.proposed(context, folder)
        for name, references in proposed.items():
            if _may_use(context, name, folder, references):
                adopted = [one for one in references if reconcile.adopt(context, one)]
                say(f"Recorded again: {', '.join(map(str, adopted))}")
                say("The limits of their earlier leases are lost; each has the lease of a new token.")
        if not proposed:
            say("Of the tokens that this folder names, the keyring has none without a record.")


def _may_use(context: Context, name: str, folder: Path, references: list[Reference]) -> bool:
    """Return whether a name belongs to a folder, after asking a person where it belongs to none."""
    if context.bindings.folder_of(name) is not None:
        try:
            context.bindings.check(references[0], folder)
        except CustodyError as error:
            say(str(error))
            return False
        return True
    rows = context.ledger.matching(RecordQuery(workspace=name))
    for other in {row.origin for row in rows if row.origin and not Path(row.origin).is_relative_to(folder)}:
        say(f"The ledger has tokens of {name} in {shown(other)}.")
    names = ", ".join(one.name for one in references)
    question = f"May programs in {folder} use every token of {name} ({names})?"
    if not says_yes(question, otherwise=_NEEDS_PERSON):
        return False
    context.bindings.require_fit(name)
    context.bindings.bind(name, folder)
    context.ledger.record(Event.BOUND, origin=str(folder), detail=binding_detail(name))
    return True
