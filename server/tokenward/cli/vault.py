"""`tokenward vault`: the encrypted file, for a machine without a keyring."""

from __future__ import annotations

import os

import typer

from tokenward.cli.passphrase import new_passphrase
from tokenward.cli.setting import Setting, is_person, say
from tokenward.errors import VaultError

app = typer.Typer(help="Where tokens are kept when there is no OS keyring.", no_args_is_help=True)


@app.callback()
def options() -> None:
    """Where tokens are kept when there is no OS keyring."""


@app.command()
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
    unlocking = Unlocking.from_environment(os.environ)
    if unlocking == Unlocking() and is_person():
        unlocking = Unlocking(new_passphrase())
    path = encrypted_file(setting.places, setting.settings)
    create(path, unlocking)
    say(f"Tokens are now kept in {path}. A lost passphrase cannot be recovered.")
