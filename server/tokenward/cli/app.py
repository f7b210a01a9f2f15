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
    "exec": "run.execute",
    "shell": "shell",
    "get": "get",
    "put": "put",
    "list": "list_.list_stored",
    "lease": "lease",
    "rename": "rename",
    "rm": "rm.remove",
    "move": "move",
    "restore": "restore",
    "leave": "leave",
    "inject": "inject",
    "credential": "credential",
    "agents": "agents",
    "mcp": "mcp",
    "check": "check_and_revoke.check",
    "revoke": "check_and_revoke.revoke",
    "review": "review",
    "report": "report",
    "bind": "bind",
    "unbind": "bind.unbind",
    "workspaces": "bind.workspaces",
    "vault": "vault",
    "ledger": "ledger",
    "doctor": "doctor",
    "daemon": "daemon",
}
"""Verbs in the order of the help, each with its module, and its function if that has another name.

A module whose verb is a group of others has the function `register` instead.
"""
_PASSES_ON = {"allow_interspersed_args": False}
"""Everything after the command's name belongs to it, options too."""
_SETTINGS = {
    "run": _PASSES_ON,
    "exec": _PASSES_ON,
    # An extra argument may be the value; accept it, so that our own message refuses it.
    "put": {"allow_extra_args": True, "ignore_unknown_options": True},
}


def app_for(words: Sequence[str]) -> typer.Typer:
    """Return the command for some arguments, with only the module of their verb, because loading all takes a while."""
    verbs = [*words[:1]] if words and words[0] in VERBS else [*VERBS]
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
    for verb in verbs:
        name, _, function = VERBS[verb].partition(".")
        module = import_module(f"tokenward.cli.verbs.{name}")
        if hasattr(module, "register"):
            module.register(app)
        else:
            app.command(verb, context_settings=_SETTINGS.get(verb))(getattr(module, function or verb))
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
