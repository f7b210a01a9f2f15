"""`tokenward ignore FILE:LINE`, and `ignore --all`."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.person import ask_text, is_person, require_yes
from tokenward.cli.support.place import parse_place
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.detection.suppress.ignore_entry import IgnoreEntry
    from tokenward.operations.context import Context
    from tokenward.operations.ignore.add_entries import IgnorableToken, IgnoreTerms

Tokens = Mapping[Path, Sequence["IgnorableToken"]]
"""Tokens by the folder of their workspace."""
SHOWN_AT_MOST = 50
_NO_REASON = "A token is ignored for a reason only; give it by `--reason`."


def add(  # noqa: PLR0917 - the options of a verb
    places: list[str] = typer.Argument(
        None,
        metavar="FILE:LINE[:COLUMN]...",
        help="As `tokenward scan` prints it; with --all, files and folders.",
    ),
    reason: str = typer.Option("", "--reason", help="Why it may stay; everybody can read it."),
    until: str = typer.Option("", "--until", help="The last day, YYYY-MM-DD, or a span such as 90d or 12w."),
    scope: str = typer.Option("**", "--scope", help="The files it holds for, relative to the workspace."),
    all_: bool = typer.Option(False, "--all", help="Every token that a scan reports."),
    yes: bool = typer.Option(False, "--yes", "-y", help="With --all: do not ask."),
) -> None:
    """Ignore the tokens on a line of a file, by entries in .tokenwardignore."""
    from tokenward.operations.ignore.add_entries import IgnoreTerms

    if not places and not all_:
        raise TokenwardError("Nothing is named; write FILE:LINE as `tokenward scan` prints it.")
    if not reason.strip() and not is_person():
        raise TokenwardError(_NO_REASON)
    today = date.today()  # noqa: DTZ011 - a day of the user's calendar
    last = last_day(until, today) if until else None
    setting = Setting.here()
    with setting.context() as context:
        tokens = _everything(context, setting, places) if all_ else _named(context, setting, places)
        if not tokens:
            say("No tokens were found, so there is nothing to ignore.")
            return
        if all_:
            _require_consent(tokens, last, is_given=yes)
        why = reason if reason.strip() else ask_text("Why may it stay", otherwise=_NO_REASON)
        terms = IgnoreTerms(why, last, scope)
        _allow(context, setting, tokens, terms, today, each=not all_)


def last_day(text: str, today: date) -> date:
    """The day that a date or a span from today names.

    Raises:
        TokenwardError: it is neither.
    """
    span = re.fullmatch(r"([1-9][0-9]{0,8})([dw])", text)
    try:
        if span:
            return today + timedelta(int(span[1]) * (7 if span[2] == "w" else 1))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except (ValueError, OverflowError):
        pass
    raise TokenwardError(f"{shown(text)} is no day; write YYYY-MM-DD, or a span such as 90d or 12w.")


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _named(context: Context, setting: Setting, places: Sequence[str]) -> Tokens:
    from tokenward.operations.ignore.find_tokens import named_file, tokens_at
    from tokenward.operations.scan.workspace_rules import RootRules

    root_rules = RootRules(context.scanner, setting.settings, setting.places)
    limit = setting.settings.max_file_bytes
    tokens: dict[Path, list[IgnorableToken]] = defaultdict(list)
    for place in map(parse_place, places):
        candidate = named_file(place.path, [absolute(Path())])
        rules = root_rules.of(candidate.root)
        tokens[rules.home] += tokens_at(
            context.scanner, rules, candidate, limit, line=place.line, character=place.character
        )
    return tokens


def _everything(context: Context, setting: Setting, paths: Sequence[str]) -> Tokens:
    """Every token that a scan of some files and folders reports; what it left out is said."""
    from tokenward.operations.ignore.find_tokens import named_file, tokens_in
    from tokenward.operations.scan.file_scan import ScannedFile
    from tokenward.operations.scan.scan import scan_folders
    from tokenward.operations.scan.workspace_rules import RootRules
    from tokenward.sources.cache.cache import ScanCache

    settings, places = setting.settings, setting.places
    roots = [_existing(path) for path in paths or ["."]]
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


def _existing(path: str) -> Path:
    if not os.path.lexists(path):
        raise TokenwardError(f"{shown(path)} is not there; name a file or folder that is.")
    return absolute(Path(path))


def _require_consent(tokens: Tokens, last: date | None, *, is_given: bool) -> None:
    found = [token for group in tokens.values() for token in group]
    for token in found[:SHOWN_AT_MOST]:
        say(f"{_place(token)}: {token.label}")
    if len(found) > SHOWN_AT_MOST:
        say(f"and {len(found) - SHOWN_AT_MOST:,} more; `tokenward scan` shows them")
    require_yes(
        f"Ignore {counted(len(found), 'token', 'tokens')} {_until(last) or 'for good'}?",
        otherwise="Ignoring every token needs a yes; look at them all, then say so by `--yes`.",
        given=is_given,
    )


def _allow(
    context: Context, setting: Setting, tokens: Tokens, terms: IgnoreTerms, today: date, *, each: bool
) -> None:
    from tokenward.operations.ignore.add_entries import add_entries
    from tokenward.operations.ignore.ignore_file import IgnoreFileWriter

    for home, group in tokens.items():
        file = IgnoreFileWriter(home, setting.places.ignores_lock)
        entries = add_entries(context, file, group, terms, today)
        for token, entry in zip(group, entries, strict=True) if each else ():
            say(f"{_place(token)}: ignored the {token.label} {_extent(entry)}")
        written = counted(len(set(entries)), "entry", "entries")
        say(f"{counted(len(group), 'token', 'tokens')} ignored by {written} of {file.path}.")


def _place(token: IgnorableToken) -> str:
    return f"{token.path}:{token.start.line + 1}"


def _extent(entry: IgnoreEntry) -> str:
    if entry.key is None:
        where = "in this file only, since its value could be guessed"
    else:
        where = "wherever it stands" if entry.scope == "**" else f"in {entry.scope}"
    return " ".join(filter(None, (where, _until(entry.until))))


def _until(last: date | None) -> str:
    return f"until {last}" if last else ""
