"""The verbs of the `tokenward` command."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import typer

from tokenward import __version__
from tokenward.cli.support.leftovers import remove_leftovers

VERBS = {
    "server": "server",
    "scan": "scan",
    "redact": "redact",
    "watch": "watch",
    "ignore": "ignore",
    "run": "run",
    "env": "env",
    "exec": "exec_",
    "shell": "shell",
    "get": "get",
    "put": "put",
    "list": "list_",
    "lease": "lease",
    "rename": "rename",
    "rm": "rm",
    "move": "move",
    "restore": "restore",
    "leave": "leave",
    "inject": "inject",
    "credential": "credential",
    "agents": "agents",
    "mcp": "mcp",
    "check": "check",
    "revoke": "revoke",
    "review": "review",
    "report": "report",
    "bind": "bind",
    "unbind": "bind",
    "workspaces": "bind",
    "vault": "vault",
    "ledger": "ledger",
    "doctor": "doctor",
    "daemon": "daemon",
}
"""Verbs in the order of the help, each with the module that registers it; one module may register several."""


def app_for(words: Sequence[str]) -> typer.Typer:
    """Return the command for some arguments, with only the module of their verb, because loading all takes a while."""
    verb = words[0] if words else ""
    modules = [VERBS[verb]] if verb in VERBS else dict.fromkeys(VERBS.values())
    app = typer.Typer(
        name="tokenward",
        no_args_is_help=True,
        # A traceback with its local variables would show values.
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # Without a callback, a single verb would become the whole command.
    app.callback()(_options)
    for module in modules:
        import_module(f"tokenward.cli.verbs.{module}").register(app)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tokenward {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(  # noqa: ARG001 - its callback has printed it
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Find tokens where developers work and keep them in the OS keyring."""
    remove_leftovers()
