"""The group of `tokenward ignore`: `FILE:LINE`, `list` and `prune`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from tokenward.cli.ignore_output.add import add, entries
from tokenward.cli.ignore_output.listing import as_json, as_text, described
from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.options import FORMAT, YES, OutputFormat
from tokenward.cli.support.person import require_yes
from tokenward.cli.support.terminal import print_text, say
from tokenward.operations.context import Context
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.operations.ignore.review import IgnoreReview, review_ignores, without_entries
from tokenward.sources.cache.cache import ScanCache


class _Verbs(TyperGroup):
    """Treats arguments that are not a verb of the group as places to ignore."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_verb = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if is_verb else ["add", *args])


ignore = typer.Typer(
    cls=_Verbs,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Ignore tokens that may stay: `tokenward ignore FILE:LINE --reason TEXT`.\n\n"
    "Entries are written to the workspace's .tokenwardignore, which is safe to commit.",
)
ignore.command()(add)


@ignore.command("list")
def list_ignored(format_: OutputFormat = FORMAT) -> None:
    """List the ignored tokens of this workspace, the entry or comment that ignores each, and stale entries."""
    invocation = Invocation.here()
    with invocation.context() as context:
        found = reviewed(context, invocation)
    print_text(as_json(found) if format_ is OutputFormat.JSON else as_text(found))


@ignore.command()
def prune(yes: bool = YES) -> None:
    """Remove entries from .tokenwardignore that have expired or whose token is no longer found."""
    invocation = Invocation.here()
    with invocation.context() as context:
        found = reviewed(context, invocation)
    for idle in found.unused:
        say(f"{'stale' if idle.is_stale else 'kept'}: {described(idle.entry)}: {idle.why}")
    for sentence in found.left_out if len(found.stale) < len(found.unused) else ():
        say(sentence)
    stale = [idle.entry for idle in found.stale]
    if not stale:
        say("No entry is stale; nothing was removed.")
        return
    require_yes(
        f"Remove {entries(len(stale))}? Other branches may still need them.",
        otherwise="Removing entries requires confirmation; pass `--yes`.",
        given=yes,
    )
    file = IgnoreFileWriter(found.home, invocation.places.ignores_lock)
    file.change(lambda current: without_entries(current, stale))
    say(f"Removed {entries(len(stale))} from {file.path}.")


def reviewed(
    context: Context, invocation: Invocation, is_cancelled: Callable[[], bool] = lambda: False
) -> IgnoreReview:
    """Return the ignored tokens in the workspace of the current folder."""
    return review_ignores(
        context.scanner,
        absolute(Path()),
        invocation.settings,
        invocation.places,
        cache=ScanCache(invocation.places.scan_cache),
        today=date.today(),  # noqa: DTZ011 - a day of the user's calendar
        is_cancelled=is_cancelled,
    )
