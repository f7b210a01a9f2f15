"""`tokenward daemon`."""

from __future__ import annotations

import typer

from tokenward.cli.support.person import refuse_assistants
from tokenward.cli.support.terminal import print_text


def daemon(
    client: bool = typer.Option(
        False, "--client", help="Print the command that asks it, for the configuration of a tool."
    ),
    serve: bool = typer.Option(False, "--serve", hidden=True),
    hooks: bool = typer.Option(False, "--hooks", hidden=True),
    scans: bool = typer.Option(False, "--scans", hidden=True),
) -> None:
    """Answer credential helpers and `get` quickly, until nothing has asked for 15 minutes.

    It starts by itself when a person uses a token in a terminal; TOKENWARD_DAEMON=off turns it off.
    """
    from tokenward.cli.daemon.serve import client_command, refuse_agents_daemon, replace_process, serve_values

    if client:
        print_text(client_command())
        return
    # An agent would control the daemon that it starts.
    if not serve:
        refuse_assistants()
        replace_process()
    if hooks:
        from tokenward.cli.daemon.rules_daemons import serve_hooks

        serve_hooks()
        return
    refuse_agents_daemon()
    if scans:
        from tokenward.cli.daemon.rules_daemons import serve_scans

        serve_scans()
        return
    serve_values()
