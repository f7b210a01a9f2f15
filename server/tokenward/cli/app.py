"""The verbs of the `tokenward` command."""

from __future__ import annotations

import typer

from tokenward import __version__
from tokenward.cli import (
    binding,
    check,
    doctor,
    execute,
    get,
    ignore,
    inject,
    listing,
    move,
    put,
    redact,
    remove,
    restore,
    revoke,
    run,
    scan,
    server,
    shell,
    vault,
    watch,
)

app = typer.Typer(
    name="tokenward",
    no_args_is_help=True,
    # A traceback with its local variables would show values.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    server,
    scan,
    redact,
    watch,
    ignore,
    run,
    execute,
    shell,
    get,
    put,
    listing,
    remove,
    move,
    restore,
    inject,
    check,
    revoke,
    binding,
    vault,
    doctor,
):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tokenward {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Find tokens where developers work and keep them in the OS keyring."""
