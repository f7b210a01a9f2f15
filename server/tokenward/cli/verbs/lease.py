"""`tokenward lease`: until when, how often and by what a stored token may be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.person import require_person, require_yes
from tokenward.cli.support.terminal import print_text, say
from tokenward.custody.leases.lease import Confirm
from tokenward.errors import LeaseRefused, SettingsError
from tokenward.operations.programs import find_program
from tokenward.places import shown
from tokenward.setting_fields import DURATION, duration

if TYPE_CHECKING:
    from tokenward.custody.leases.lease import Lease, Program
    from tokenward.model import Reference
    from tokenward.operations.context import Context


class Ends(StrEnum):
    """The kinds of sessions, and none."""

    EDITOR = "editor"
    LOGIN = "login"
    BOOT = "boot"
    NONE = "none"


def register(app: typer.Typer) -> None:
    app.command()(lease)


def lease(  # noqa: PLR0917 - the options of a verb
    name: str = typer.Argument(..., help="A name of this workspace, or a whole keyring:// reference."),
    span: str | None = typer.Option(
        None, "--for", metavar="SPAN", help="How long from now, such as 30m, 8h or 7d."
    ),
    until: str | None = typer.Option(
        None, "--until", metavar="DATE", help="Until when, such as 2030-01-31 or 2030-01-31T18:00."
    ),
    no_end: bool = typer.Option(False, "--no-end", help="Without a limit of time."),
    session: Ends | None = typer.Option(
        None, "--session", help="Until this session of the editor, the login or the machine ends."
    ),
    uses: int | None = typer.Option(None, "--uses", min=1, max=1_000_000, help="How often."),
    only: list[str] = typer.Option(
        [], "--only", metavar="PROGRAM", help="By this program alone, told by its path; may be given again."
    ),
    any_program: bool = typer.Option(False, "--any-program", help="By any program."),
    confirm: Confirm | None = typer.Option(
        None, "--confirm", help="Whether a person is asked first: never, once a session, or always."
    ),
    erase: bool | None = typer.Option(
        None, "--erase/--keep", help="Delete the token from the keyring once its lease is over, or keep it."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask whether to delete it then."),
) -> None:
    """Show or change how a stored token may be used.

    Without options it shows that. What permits less needs nobody; what permits more needs a person at a terminal. Once
    its time, its session or its number of uses has come to an end, a token is refused. It stays in the keyring, unless
    you choose --erase.
    """
    if sum(map(bool, (span, until, no_end))) > 1 or (only and any_program):
        raise SettingsError("The options contradict each other; give one of those that say the same thing.")
    setting = Setting.here()
    reference = setting.reference(name)
    with setting.context() as context:
        context.bindings.check(reference, setting.folder)
        changes = {
            **_time(context, span, until, no_end=no_end),
            **_session(context, setting, session),
            **({} if uses is None else {"uses": uses}),
            **({"programs": tuple(map(_program, only))} if only or any_program else {}),
            **({} if confirm is None else {"confirm": confirm}),
        }
        if changes or erase is not None:
            _change(context, setting.folder, reference, _Change(changes, erase, yes))
        _show(context, reference)


def _time(context: Context, span: str | None, until: str | None, *, no_end: bool) -> dict[str, Any]:
    if no_end:
        return {"expires": None}
    if span is None and until is None:
        return {}
    moment = context.leases.moment()
    now = moment.now if moment.is_behind else moment.latest
    expires = now + _seconds(span) if span is not None else _moment(until or "")
    if expires <= now:
        raise SettingsError(
            "That time is over already; give a later one, or delete the token by `tokenward rm`."
        )
    return {"expires": expires}


def _seconds(span: str) -> int:
    seconds = duration(span)
    if seconds is None:
        raise SettingsError(f"A span of time is {DURATION}; write it so.")
    return seconds


def _moment(until: str) -> int:
    try:
        # Without a zone it is a time of this machine's.
        return int(datetime.fromisoformat(until).astimezone(UTC).timestamp())
    except (ValueError, OverflowError, OSError):
        raise SettingsError("A date is such as 2030-01-31 or 2030-01-31T18:00; write it so.") from None


def _session(context: Context, setting: Setting, session: Ends | None) -> dict[str, Any]:
    from tokenward.custody.leases.editors import Editors
    from tokenward.custody.leases.sessions import SessionKind

    if session is None or session is Ends.NONE:
        return {} if session is None else {"session": None, "mark": ""}
    sessions = context.leases.sessions
    if session is not Ends.EDITOR:
        mark = sessions.login() if session is Ends.LOGIN else sessions.boot()
        return {"session": SessionKind(session.value), "mark": mark}
    editor = Editors(setting.places.custody, sessions).session_of(setting.folder)
    if editor is None:
        raise LeaseRefused(
            f"No editor with Tokenward has {shown(setting.folder)} open; open it in one first."
        )
    return {"session": SessionKind.EDITOR, "mark": editor}


def _program(name: str) -> Program:
    from tokenward.custody.leases.lease import Program

    path = find_program(name)
    if path is None:
        raise SettingsError(f"{shown(name)} is no program that is there; name one by its path.")
    return Program.of(absolute(Path(path)))


class _Change(NamedTuple):
    """What the options say."""

    fields: dict[str, Any]
    erase: bool | None
    yes: bool


def _change(context: Context, folder: Path, reference: Reference, wanted: _Change) -> None:
    """Give the lease at once if it permits less than before, and after a person's yes if it permits more or erases."""
    from tokenward.operations.access.grant_lease import (
        change_lease_and_erasure,
        lease_of,
        loosens,
        set_lease_persistence,
        widen_lease,
    )

    before = lease_of(context, reference)
    after = _after(context, before, wanted)
    is_looser = loosens(context, before, after)
    if is_looser:
        _require_yes(context, reference, after)
    if after.erases_otherwise(before):
        _require_erasing(context, reference, after, yes=wanted.yes)
    grant = widen_lease if is_looser else change_lease_and_erasure
    grant(context, folder, reference, after)
    if "session" in wanted.fields or after.erases != before.erases:
        set_lease_persistence(context, reference, after)


def _after(context: Context, before: Lease, wanted: _Change) -> Lease:
    from tokenward.operations.access.grant_lease import without_ended_limits

    if wanted.fields.keys() & {"expires", "session", "uses"}:
        before = without_ended_limits(context, before)
    after = replace(before, **wanted.fields)
    if wanted.erase and not after.is_ending:
        raise SettingsError(
            "A token is erased when its lease ends; give --for, --until, --session or --uses, too."
        )
    erases = before.erases if wanted.erase is None else wanted.erase
    return replace(after, erases=erases and after.is_ending)


def _require_erasing(context: Context, reference: Reference, after: Lease, *, yes: bool) -> None:
    """Return only if a person wants the token deleted, and was told when."""
    from tokenward.operations.access.lease_terms import as_terms
    from tokenward.presentation.leases import erasing

    what = erasing(reference, as_terms(context.leases, after, context.leases.moment()))
    otherwise = f"{what} That needs a yes; say so by --yes, or use --keep."
    require_yes(f"{what} Do you want that?", otherwise=otherwise, given=yes)


def _require_yes(context: Context, reference: Reference, after: Lease) -> None:
    from tokenward.operations.access.lease_terms import as_terms
    from tokenward.phrases import moment as words
    from tokenward.presentation.leases import cell

    otherwise = f"That allows more than {reference}'s lease does now; a person has to run this at a terminal."
    require_person(otherwise)
    moment = context.leases.moment()
    if moment.is_behind:
        say(f"The clock said {words(moment.latest)} before. Say no if {words(moment.now)} is wrong.")
    terms = cell(as_terms(context.leases, after, moment))
    require_yes(f"May {reference} be used from now on as follows: {terms}?", otherwise=otherwise)


def _show(context: Context, reference: Reference) -> None:
    from tokenward.operations.access.grant_lease import lease_of
    from tokenward.operations.access.lease_terms import as_terms
    from tokenward.presentation.leases import of_lease
    from tokenward.presentation.markup import plain

    moment = context.leases.moment()
    terms = as_terms(context.leases, lease_of(context, reference), moment)
    print_text(plain(of_lease(reference, terms, moment.now)))
