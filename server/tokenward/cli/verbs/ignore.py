"""The group of `tokenward ignore`: `FILE:LINE`, `list` and `prune`."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.options import FORMAT, YES, OutputFormat, parse_place
from tokenward.cli.support.person import ask_text, is_person, require_yes
from tokenward.cli.support.terminal import print_text, say
from tokenward.detection.suppress.ignore_file import IgnoreEntry
from tokenward.errors import TokenwardError
from tokenward.language import counted
from tokenward.operations.context import Context
from tokenward.operations.ignore.add_entries import IgnorableToken, IgnoreTerms, add_entries
from tokenward.operations.ignore.allowed_tokens import allow_tokens
from tokenward.operations.ignore.find_tokens import named_file, tokens_at, tokens_in
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.operations.ignore.review import IgnoreReview, review_ignores, without_entries
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.scan import scan_folders
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import shown
from tokenward.presentation.ignores import as_json, as_text, described
from tokenward.sources.cache.cache import ScanCache

Tokens = Mapping[Path, Sequence[IgnorableToken]]
"""Tokens, grouped by the folder of their workspace."""
SHOWN_AT_MOST = 50
_NO_REASON = "A token can be ignored only for a reason; give one with `--reason`."


class _Verbs(TyperGroup):
    """Treats arguments that are not a verb of the group as places to ignore."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments, with `add` before places."""
        is_verb = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if is_verb else ["add", *args])


ignore = typer.Typer(
    cls=_Verbs,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Ignore tokens that may stay: `tokenward ignore FILE:LINE --reason TEXT`.\n\n"
    "Entries are written to the workspace's .tokenwardignore, which is safe to commit.",
)


@ignore.command()
def add(  # noqa: PLR0917 - the options of a verb
    places: list[str] = typer.Argument(
        None,
        metavar="FILE:LINE[:COLUMN]...",
        help="A place as `tokenward scan` prints it; with --all, files and folders.",
    ),
    reason: str = typer.Option(
        "", "--reason", help="Why the token may stay; anyone with the repository can read it."
    ),
    until: str = typer.Option(
        "", "--until", help="The last day as YYYY-MM-DD, or a period such as 90d or 12w."
    ),
    scope: str = typer.Option(
        "**", "--scope", help="Files to which the entry applies, relative to the workspace."
    ),
    all_: bool = typer.Option(False, "--all", help="Ignore every token that a scan reports."),
    yes: bool = typer.Option(False, "--yes", "-y", help="With --all: do not ask."),
) -> None:
    """Ignore the tokens on a line of a file, with entries in .tokenwardignore."""
    if not places and not all_:
        raise TokenwardError("No place is given; write FILE:LINE as `tokenward scan` prints it.")
    if not reason.strip() and not is_person():
        raise TokenwardError(_NO_REASON)
    today = date.today()  # noqa: DTZ011 - a day of the user's calendar
    last = last_day(until, today) if until else None
    invocation = Invocation.here()
    with invocation.context() as context:
        find = _scanned_tokens if all_ else _tokens_at
        tokens = find(context, invocation, places or [])
        if not tokens:
            say("No tokens were found; there is nothing to ignore.")
            return
        if all_:
            _require_consent(tokens, last, is_given=yes)
        why = reason if reason.strip() else ask_text("Why may the token stay", otherwise=_NO_REASON)
        terms = IgnoreTerms(why, last, scope)
        _add_entries(context, invocation, tokens, terms, today, each=not all_)
        if last is None and not all_ and is_person():
            found = [token for group in tokens.values() for token in group]
            allow_tokens(
                invocation.places,
                (context.scanner.fingerprint(one.detection.secret.reveal()) for one in found),
            )
            say("AI agents may read and write it from now on.")


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


def last_day(text: str, today: date) -> date:
    """Return the day given by a date, or by a period from today.

    Raises:
        TokenwardError: the text is neither.
    """
    span = re.fullmatch(r"([1-9][0-9]{0,8})([dw])", text)
    try:
        if span:
            return today + timedelta(int(span[1]) * (7 if span[2] == "w" else 1))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except (ValueError, OverflowError):
        pass
    raise TokenwardError(f"{shown(text)} is not a date; write YYYY-MM-DD, or a period such as 90d or 12w.")


def entries(count: int) -> str:
    """Return a number of entries in words."""
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _tokens_at(context: Context, invocation: Invocation, places: Sequence[str]) -> Tokens:
    root_rules = RootRules(context.scanner, invocation.settings, invocation.places)
    limit = invocation.settings.max_file_bytes
    tokens: dict[Path, list[IgnorableToken]] = defaultdict(list)
    for place in map(parse_place, places):
        candidate = named_file(place.path, [absolute(Path())])
        rules = root_rules.of(candidate.root)
        tokens[rules.home] += tokens_at(
            context.scanner, rules, candidate, limit, line=place.line or 0, character=place.character
        )
    return tokens


def _scanned_tokens(context: Context, invocation: Invocation, paths: Sequence[str]) -> Tokens:
    """Return every token that a scan of files and folders reports; print what the scan left out."""
    settings, places = invocation.settings, invocation.places
    for path in paths:
        if not os.path.lexists(path):
            raise TokenwardError(f"{shown(path)} does not exist; check the path.")
    roots = [absolute(Path(path)) for path in paths or ["."]]
    folders = [absolute(Path()), *(root for root in roots if root.is_dir())]
    root_rules = RootRules(context.scanner, settings, places)
    tokens: dict[Path, list[IgnorableToken]] = defaultdict(list)
    cache = ScanCache(places.scan_cache)
    for result in scan_folders(context.scanner, roots, settings, places, cache=cache):
        if not isinstance(result, ScannedFile):
            say(result.sentence)
        elif result.findings:
            candidate = named_file(result.path, folders)
            rules = root_rules.of(candidate.root)
            tokens[rules.home] += tokens_in(context.scanner, rules, candidate, settings.max_file_bytes)
    return {home: found for home, found in tokens.items() if found}


def _require_consent(tokens: Tokens, last: date | None, *, is_given: bool) -> None:
    found = [token for group in tokens.values() for token in group]
    for token in found[:SHOWN_AT_MOST]:
        say(f"{_place(token)}: {token.detection.label}")
    if len(found) > SHOWN_AT_MOST:
        say(f"and {len(found) - SHOWN_AT_MOST:,} more; `tokenward scan` lists them")
    require_yes(
        f"Ignore {counted(len(found), 'token')} {f'until {last}' if last else 'permanently'}?",
        otherwise="Ignoring every token requires confirmation; review the list, then pass `--yes`.",
        given=is_given,
    )


def _add_entries(
    context: Context, invocation: Invocation, tokens: Tokens, terms: IgnoreTerms, today: date, *, each: bool
) -> None:
    for home, group in tokens.items():
        file = IgnoreFileWriter(home, invocation.places.ignores_lock)
        added = add_entries(context, file, group, terms, today)
        for token, entry in zip(group, added, strict=True) if each else ():
            say(f"{_place(token)}: ignored the {token.detection.label} {_extent(entry)}")
        say(f"{counted(len(group), 'token')} ignored by {entries(len(set(added)))} in {file.path}.")


def _place(token: IgnorableToken) -> str:
    return f"{token.path}:{token.start.line + 1}"


def _extent(entry: IgnoreEntry) -> str:
    if entry.key is None:
        where = "in this file only, because its value could be guessed"
    else:
        where = "everywhere" if entry.scope == "**" else f"in {entry.scope}"
    return f"{where} until {entry.until}" if entry.until else where
