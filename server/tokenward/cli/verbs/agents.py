"""`tokenward agents`: guards between AI agents and tokens."""

from __future__ import annotations

import typer

from tokenward.cli.support.agent_hook import answer_hook
from tokenward.cli.verbs.agents_protection import check, protect, status, undo
from tokenward.cli.verbs.agents_transcripts import transcripts

agents = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keep tokens from AI agents.")
for _verb in (protect, status, check, undo, transcripts):
    agents.command()(_verb)


@agents.command(hidden=True)
def hook(dialect: str = typer.Argument(..., help="The agent, such as claude-code.")) -> None:
    """Answer an agent's hook: read what it is about to do from stdin, and print the decision.

    Agents start this command. Whatever fails, it denies.
    """
    answer_hook(dialect)
