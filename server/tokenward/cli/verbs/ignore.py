"""`tokenward ignore list` and `ignore prune`, and the group that they and `ignore FILE:LINE` are verbs of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from tokenward.cli.ignore_output.add import add, counted
from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.person import require_yes
from tokenward.cli.support.terminal import print_text, say

if TYPE_CHECKING:
    from tokenward.operations.context import Context
    from tokenward.operations.ignore.review import IgnoreReview


class Format(StrEnum):
    """How a list is printed."""

    HUMAN = "human"
    JSON = "json"


class _Verbs(TyperGroup):
    """Takes what is no verb of it for what is to be ignored."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_verb = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if is_verb else ["add", *args])


def register(app: typer.Typer) -> None:
    verbs = typer.Typer(cls=_Verbs, no_args_is_help=True, rich_markup_mode=None)
    verbs.command()(add)
    verbs.command("list")(list_ignored)
    verbs.command()(prune)
    verbs.callback()(_options)
    app.add_typer(verbs, name="ignore")


def list_ignored(
    format_: Format = typer.Option(Format.HUMAN, "--format", help="For people, or JSON for programs."),
) -> None:
    """List what is silenced in this workspace and by what, and which entries are stale."""
    from tokenward.cli.ignore_output.listing import as_json, as_text

    setting = Setting.here()
    with setting.context() as context:
        found = reviewed(context, setting)
    print_text(as_json(found) if format_ is Format.JSON else as_text(found))


def prune(yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask.")) -> None:
    """Remove the entries of .tokenwardignore that have expired or whose token is no longer found."""
    from tokenward.cli.ignore_output.listing import described
    from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
    from tokenward.operations.ignore.review import without_entries

    setting = Setting.here()
    with setting.context() as context:
        found = reviewed(context, setting)
    for idle in found.unused:
        say(f"{'stale' if idle.is_stale else 'kept'}: {described(idle.entry)}: {idle.why}")
    for sentence in found.left_out if len(found.stale) < len(found.unused) else ():
        say(sentence)
    stale = [idle.entry for idle in found.stale]
    if not stale:
        say("No entry is stale, so nothing was removed.")
        return
    require_yes(
        f"Remove {counted(len(stale), 'entry', 'entries')}? Other branches may have a use for them.",
        otherwise="Removing entries needs a yes; say so by `--yes`.",
        given=yes,
    )
    file = IgnoreFileWriter(found.home, setting.places.ignores_lock)
    file.change(lambda current: without_entries(current, stale))
    say(f"Removed {counted(len(stale), 'entry', 'entries')} from {file.path}.")


def reviewed(
    context: Context, setting: Setting, is_cancelled: Callable[[], bool] = lambda: False
) -> IgnoreReview:
    """What is silenced in the workspace of the current folder."""
    from tokenward.operations.ignore.review import review_ignores
    from tokenward.sources.cache.cache import ScanCache

    return review_ignores(
        context.scanner,
        absolute(Path()),
        setting.settings,
        setting.places,
        cache=ScanCache(setting.places.scan_cache),
        today=date.today(),  # noqa: DTZ011 - a day of the user's calendar
        is_cancelled=is_cancelled,
    )


def _options() -> None:
    """Say which tokens may stay: `tokenward ignore FILE:LINE --reason TEXT`.

    The entries are kept in the workspace's .tokenwardignore, which is safe to commit.
    """
