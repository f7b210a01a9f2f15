"""`tokenward lease`: the time, number of uses and programs for which a stored token may be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.options import NAME
from tokenward.cli.support.person import refuse_assistants, require_person, require_yes
from tokenward.cli.support.terminal import print_text, say
from tokenward.custody.callers.starters import STARTERS
from tokenward.custody.leases.lease import Confirm, Lease, Program
from tokenward.custody.leases.sessions import Editors, SessionKind
from tokenward.detection.rules.token_hosts import is_host
from tokenward.errors import LeaseRefused, SettingsError
from tokenward.language import either, listed, moment
from tokenward.model import Reference
from tokenward.operations.access.grant_lease import (
    change_lease,
    lease_of,
    loosens,
    widen_lease,
    without_ended_limits,
)
from tokenward.operations.access.lease_terms import as_terms
from tokenward.operations.context import Context
from tokenward.operations.programs import find_program
from tokenward.places import shown
from tokenward.presentation.leases import cell, of_lease
from tokenward.presentation.markup import plain
from tokenward.setting_fields import DURATION, duration


class Ends(StrEnum):
    """The session with which a lease ends, or none."""

    EDITOR = "editor"
    LOGIN = "login"
    BOOT = "boot"
    NONE = "none"


def lease(  # noqa: PLR0917 - the options of a verb
    name: str = NAME,
    span: str | None = typer.Option(
        None, "--for", metavar="SPAN", help="Allow use for this long from now, such as 30m, 8h or 7d."
    ),
    until: str | None = typer.Option(
        None,
        "--until",
        metavar="DATE",
        help="Allow use until this time, such as 2030-01-31 or 2030-01-31T18:00.",
    ),
    no_end: bool = typer.Option(False, "--no-end", help="Remove the time limit."),
    session: Ends | None = typer.Option(
        None, "--session", help="Allow use until this session of the editor, login or machine ends."
    ),
    uses: int | None = typer.Option(None, "--uses", min=1, max=1_000_000, help="Allow this many uses."),
    only: list[str] = typer.Option(
        [],
        "--only",
        metavar="PROGRAM",
        help="Allow use only by this program, identified by its path (repeatable).",
    ),
    any_program: bool = typer.Option(False, "--any-program", help="Allow use by any program."),
    by: list[str] = typer.Option(
        [],
        "--by",
        metavar="NAME",
        help="Allow use only if this started it, such as person, cron, git-hook or ci (repeatable).",
    ),
    by_anything: bool = typer.Option(False, "--by-anything", help="Allow use whatever started it."),
    confirm: Confirm | None = typer.Option(
        None, "--confirm", help="Ask a person first: never, once per session, or always."
    ),
    host: list[str] = typer.Option(
        [], "--host", metavar="HOST", help="The server of your own that the token is for (repeatable)."
    ),
    provider_hosts: bool = typer.Option(
        False, "--provider-hosts", help="Take the token to be for its provider's servers again."
    ),
) -> None:
    """Show or change how a stored token may be used.

    Without options, shows the lease. A person can always restrict it; allowing more requires one at a terminal. When
    the time, the session or the number of uses runs out, the token is refused, but stays in the keyring.
    """
    if (
        sum(map(bool, (span, until, no_end))) > 1
        or (only and any_program)
        or (by and by_anything)
        or (host and provider_hosts)
    ):
        raise SettingsError("These options contradict each other; use only one of them.")
    invocation = Invocation.here()
    reference = invocation.reference(name)
    with invocation.context() as context:
        context.bindings.check(reference, invocation.folder)
        changes = {
            **_time(context, span, until, no_end=no_end),
            **_session(context, invocation, session),
            **({} if uses is None else {"uses": uses}),
            **({"programs": tuple(map(_program, only))} if only or any_program else {}),
            **({"starters": tuple(dict.fromkeys(map(_starter, by)))} if by or by_anything else {}),
            **({} if confirm is None else {"confirm": confirm}),
            **({"hosts": tuple(dict.fromkeys(map(_host, host)))} if host or provider_hosts else {}),
        }
        if changes:
            refuse_assistants()
            _change(context, invocation.folder, reference, changes)
        _show(context, reference)


def _time(context: Context, span: str | None, until: str | None, *, no_end: bool) -> dict[str, Any]:
    if no_end:
        return {"expires": None}
    if span is None and until is None:
        return {}
    clock = context.leases.moment()
    now = clock.now if clock.is_behind else clock.latest
    if span is None:
        expires = _timestamp(until or "")
    elif (seconds := duration(span)) is not None:
        expires = now + seconds
    else:
        raise SettingsError(f"--for takes {DURATION}.")
    if expires <= now:
        raise SettingsError(
            "That time has already passed; give a later one, or delete the token with `tokenward rm`."
        )
    return {"expires": expires}


def _timestamp(until: str) -> int:
    try:
        # Without a zone, it is local time.
        return int(datetime.fromisoformat(until).astimezone(UTC).timestamp())
    except (ValueError, OverflowError, OSError):
        raise SettingsError("Invalid date; write it as 2030-01-31 or 2030-01-31T18:00.") from None


def _session(context: Context, invocation: Invocation, session: Ends | None) -> dict[str, Any]:
    if session is None or session is Ends.NONE:
        return {} if session is None else {"session": None, "mark": ""}
    sessions = context.leases.sessions
    if session is not Ends.EDITOR:
        mark = sessions.login() if session is Ends.LOGIN else sessions.boot()
        return {"session": SessionKind(session.value), "mark": mark}
    editor = Editors(invocation.places.custody, sessions).session_of(invocation.folder)
    if editor is None:
        raise LeaseRefused(
            f"{shown(invocation.folder)} is not open in an editor with Tokenward; open it first."
        )
    return {"session": SessionKind.EDITOR, "mark": editor}


def _program(name: str) -> Program:
    path = find_program(name)
    if path is None:
        raise SettingsError(f"The program {shown(name)} was not found; give its path.")
    return Program.of(absolute(Path(path)))


def _starter(name: str) -> str:
    if name in STARTERS:
        return name
    raise SettingsError(f"A lease cannot name {shown(name)}; give --by {either(STARTERS)}.")


def _host(name: str) -> str:
    if is_host(found := name.lower()):
        return found
    raise SettingsError(
        f"{shown(name)} is no host; write it as gitlab.example.com or gitlab.example.com:8443."
    )


def _change(context: Context, folder: Path, reference: Reference, fields: dict[str, Any]) -> None:
    """Change the lease; allowing more requires a person's yes."""
    before = lease_of(context, reference)
    is_renewed = fields.keys() & {"expires", "session", "uses"}
    after = replace(without_ended_limits(context, before) if is_renewed else before, **fields)
    if loosens(context, before, after):
        _require_yes(context, reference, after)
        widen_lease(context, folder, reference, after)
    else:
        change_lease(context, folder, reference, after)


def _require_yes(context: Context, reference: Reference, after: Lease) -> None:
    otherwise = (
        f"This allows more than the current lease of {reference}; a person has to run it at a terminal."
    )
    require_person(otherwise)
    clock = context.leases.moment()
    if clock.is_behind:
        say(f"The clock showed {moment(clock.latest)} before. Answer no if {moment(clock.now)} is wrong.")
    terms = cell(as_terms(context.leases, after, clock, context.entries.get(reference)))
    if after.hosts:
        say(f"Checks send the token to {listed([*after.hosts])}, and agents' sandboxes may.")
    require_yes(f"Change the lease of {reference} to: {terms}?", otherwise=otherwise)


def _show(context: Context, reference: Reference) -> None:
    clock = context.leases.moment()
    lease = lease_of(context, reference)
    terms = as_terms(context.leases, lease, clock, context.entries.get(reference))
    print_text(plain(of_lease(reference, terms, clock.now)))
