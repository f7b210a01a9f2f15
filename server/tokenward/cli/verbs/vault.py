"""`tokenward vault`: the encrypted file, for a machine without a keyring."""

from __future__ import annotations

import os

import typer

from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.passphrase import new_passphrase
from tokenward.cli.support.person import has_terminal, refuse_assistants
from tokenward.cli.support.terminal import say
from tokenward.errors import VaultError
from tokenward.places import shown


def register(app: typer.Typer) -> None:
    verbs = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    verbs.command()(init)
    # Without a callback, a single verb would take the place of its group.
    verbs.callback()(_options)
    app.add_typer(verbs, name="vault")


def init(
    file: bool = typer.Option(
        False, "--file", help="Keep tokens in an encrypted file instead of the OS keyring."
    ),
) -> None:
    """Make an encrypted file and use it from now on.

    Its passphrase is asked for, or taken from TOKENWARD_VAULT_PASSPHRASE; or TOKENWARD_VAULT_KEY holds a key.
    """
    from tokenward.operations.opening import encrypted_file
    from tokenward.vault.encrypted_file import create
    from tokenward.vault.unlocking import Unlocking

    if not file:
        raise VaultError("The OS keyring needs no preparation; for an encrypted file say `--file`.")
    setting = Setting.here()
    path = encrypted_file(setting.places, setting.settings)
    if path.exists():
        raise VaultError(f"{shown(path)} exists already and was left as it is; use it, or move it away.")
    unlocking = Unlocking.from_environment(os.environ)
    if unlocking == Unlocking() and has_terminal():
        # Anybody who chooses the passphrase can open the file.
        refuse_assistants()
        unlocking = Unlocking(new_passphrase())
    create(path, unlocking)
    say(f"Tokens are now kept in {path}. A lost passphrase or key cannot be recovered.")
    if setting.settings.vault == "keyring":
        say("Your settings choose the keyring all the same; remove `vault` from them, or set it to `file`.")


def _options() -> None:
    """Where tokens are kept when there is no OS keyring."""
