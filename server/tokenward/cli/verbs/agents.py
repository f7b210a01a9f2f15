"""`tokenward agents`: what concerns AI agents."""

from __future__ import annotations

import typer

from tokenward.cli.verbs import agents_protection


def register(app: typer.Typer) -> None:
    """Register the group `agents`."""
    group = typer.Typer(help="Keep tokens from AI agents.", no_args_is_help=True)
    agents_protection.register(group)
    app.add_typer(group, name="agents")
