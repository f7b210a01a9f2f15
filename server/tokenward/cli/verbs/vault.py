"""`tokenward vault`: the encrypted file, for a machine without a keyring."""

from __future__ import annotations

import os

import typer

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.passphrase import new_passphrase
from tokenward.cli.support.person import has_terminal, refuse_assistants
from tokenward.cli.support.terminal import say
from tokenward.errors import VaultError
from tokenward.operations.context import encrypted_file
from tokenward.places import shown
from tokenward.vault.encrypted_file import create
from tokenward.vault.unlocking import Unlocking

vault = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Set up storage for tokens on a machine without an OS keyring.",
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
