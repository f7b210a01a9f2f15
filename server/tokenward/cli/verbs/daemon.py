"""`tokenward daemon`."""

from __future__ import annotations

import os
import shlex
import sys

import typer

from tokenward import thin_client
from tokenward.cli.support.person import refuse_agent, refuse_assistants
from tokenward.cli.support.terminal import print_text
from tokenward.custody.callers.callers import known_agent


def daemon(
    client: bool = typer.Option(
        False, "--client", help="Print the command that asks it, for the configuration of a tool."
    ),
    serves: bool = typer.Option(False, "--serve", hidden=True),
    hooks: bool = typer.Option(False, "--hooks", hidden=True),
) -> None:
    """Answer credential helpers and `get` quickly, until nothing has asked for 15 minutes.

    It starts by itself when a person uses a token in a terminal; `daemon = false` in your settings turns it off.
    """
    if client:
        print_text(shlex.join([sys.executable, "-I", "-S", thin_client.__file__]))
        return
    # An agent would control the daemon that it starts.
    if not serves:
        refuse_assistants()
        # The command line is the one by which clients know the daemon.
        os.execv(sys.executable, [sys.executable, *thin_client.DAEMON])  # noqa: S606
    from tokenward.cli.daemon.serve import HOOKS, VALUES, serve

    if hooks:
        serve(HOOKS)
        return
    # Also where only an agent could have started this process.
    if agent := known_agent(os.getpid()):
        refuse_agent(agent)
    serve(VALUES, HOOKS)
