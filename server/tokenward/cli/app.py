"""The verbs of the `tokenward` command."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import CompletionItem, TyperGroup  # type: ignore[attr-defined] # it is part of their interface

from tokenward import __version__
from tokenward.cli.support.leftovers import remove_leftovers

_GROUPS = {
    "Find tokens": {
        "scan": ("scan", "Scan files and folders for tokens."),
        "watch": ("watch", "Follow log files and report tokens as they appear."),
        "redact": ("redact", "Copy stdin or files to stdout, with the tokens masked."),
        "exec": ("run.execute", "Run a command and report tokens in its output."),
        "shell": ("shell", "Start your shell and report tokens in its output when it ends."),
        "ignore": ("ignore", "Ignore tokens that may stay, each for a reason."),
    },
    "Move tokens": {
        "move": ("move", "Move tokens out of files into the keyring."),
        "put": ("put", "Store a token for this workspace, and add it to .env."),
        "restore": ("restore", "Put moved tokens back into files, in plain text."),
        "leave": ("leave", "Put all tokens back into their files, and remove the rest."),
    },
    "Use stored tokens": {
        "run": ("run", "Run a command with tokens in its environment or in a file."),
        "env": ("env", "Print the variables from .env with their values, for a shell."),
        "get": ("get", "Print or copy a stored token."),
        "inject": ("inject", "Write a copy of a file with its references resolved."),
        "credential": ("credential", "Give git, docker, AWS and other tools their tokens."),
    },
    "Manage stored tokens": {
        "list": ("list_.list_stored", "List stored tokens, without their values."),
        "lease": ("lease", "Show or change how a stored token may be used."),
        "rename": ("rename", "Rename a stored token."),
        "rm": ("rm.remove", "Delete a stored token from the keyring."),
        "bind": ("bind", "Let a folder resolve a workspace's references."),
        "unbind": ("bind.unbind", "Stop a folder from resolving a workspace's references."),
        "workspaces": ("bind.workspaces", "List workspace names and their folders."),
        "vault": ("vault", "Set up storage for tokens without an OS keyring, or recover lost records."),
    },
    "AI agents": {
        "agents": ("agents", "Keep tokens from AI agents."),
        "mcp": ("mcp", "Serve AI agents by the Model Context Protocol, on stdio."),
        "approve": ("approve", "Answer commands that wait for a person's approval."),
    },
    "After a leak": {
        "check": ("check_and_revoke.check", "Ask a token's provider whether the token still works."),
        "revoke": ("check_and_revoke.revoke", "Revoke a token at its provider, permanently."),
        "review": ("review", "Compare access logs with the ledger."),
        "report": ("report", "Write an HTML page on leaked tokens and their uses."),
        "ledger": ("ledger", "Show, verify, export or prune the record of events."),
    },
    "Set up": {
        "doctor": ("doctor", "Check the setup and explain how to fix what does not work."),
        "daemon": ("daemon", "Answer credential helpers, `get` and `run` more quickly."),
        "server": ("server", "Run the language server, on stdio by default."),
    },
}
"""Verbs by their headings in the help, each with its module, its function if that has another name, and its summary."""
VERBS = {verb: row for verbs in _GROUPS.values() for verb, row in verbs.items()}
_PASSES_ON = {"allow_interspersed_args": False}
"""Everything after the command's name belongs to it, options too."""
_SETTINGS = {
    "run": _PASSES_ON,
    "exec": _PASSES_ON,
    # An extra argument may be the value; accept it, so that our own message refuses it.
    "put": {"allow_extra_args": True, "ignore_unknown_options": True},
}


def load_verb(verb: str) -> Any:
    """Load the module of a verb and return its command, which may be a group of others."""
    module, _, name = VERBS[verb][0].partition(".")
    found = getattr(import_module(f"tokenward.cli.verbs.{module}"), name or verb)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(verb, context_settings=_SETTINGS.get(verb))(found)
    return typer.main.get_command(alone)


class _Verbs(TyperGroup):
    """Loads the module of the verb that is used and no other, because loading all takes a while."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": dict.fromkeys(VERBS)})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return a verb's command; None if there is no such verb."""
        return load_verb(cmd_name) if cmd_name in VERBS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write each verb with its summary for `--help`, all summaries in one column."""
        longest = max(map(len, VERBS))
        for heading, verbs in _GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{verb:{longest}}", summary) for verb, (_, summary) in verbs.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the verbs that start with what was typed, or else the options."""
        found = [(verb, summary) for verb, (_, summary) in VERBS.items() if verb.startswith(incomplete)]
        names = [CompletionItem(verb, help=summary) for verb, summary in found]
        return names or super().shell_complete(ctx, incomplete)


app = typer.Typer(
    name="tokenward",
    cls=_Verbs,
    no_args_is_help=True,
    # A traceback with its local variables would show values.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tokenward {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(  # noqa: ARG001 - its callback has printed it
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Find tokens where developers work and keep them in the OS keyring."""
    remove_leftovers()
