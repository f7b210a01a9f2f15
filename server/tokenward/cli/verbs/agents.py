"""`tokenward agents`: guards between AI agents and tokens."""

from __future__ import annotations

import typer

from tokenward.cli.verbs import agents_protection, agents_transcripts


def register(app: typer.Typer) -> None:
    """Register the group `agents`."""
    group = typer.Typer(no_args_is_help=True, help="Keep tokens from AI agents.")
    agents_protection.register(group)
    agents_transcripts.register(group)
    group.command(hidden=True)(hook)
    app.add_typer(group, name="agents")


def hook(dialect: str = typer.Argument(..., help="The agent, such as claude-code.")) -> None:
    """Answer an agent's hook: read what it is about to do from stdin, and print the decision.

    Agents start this command. Whatever fails, it denies.
    """
    from tokenward.cli.support.agent_hook import answer_hook

    answer_hook(dialect)
