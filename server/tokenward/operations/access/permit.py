"""Checks that the leases of tokens allow a use."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tokenward.custody.callers.asker import require_own_command
from tokenward.custody.callers.starters import spoken
from tokenward.custody.leases.lease import Confirm, Lease, LeaseEnd, Moment, Program
from tokenward.custody.leases.leases import lease_spent
from tokenward.errors import (
    ApprovalDenied,
    LeaseExpired,
    LeaseRefused,
    ProgramNotAllowed,
    StarterNotAllowed,
    StateDamaged,
)
from tokenward.language import either, listed, phrase, said
from tokenward.language import moment as words
from tokenward.model import Reference
from tokenward.operations.access.agent_rule import approved_use, can_last, needs_approval
from tokenward.operations.access.grant_lease import leases_of
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion
from tokenward.operations.context import Context
from tokenward.operations.recording import refusals
from tokenward.operations.use import Purpose, Use
from tokenward.places import shown

Leased = Mapping[Reference, Lease]
_STAYS = phrase(
    "a person can renew it with `tokenward lease {name} --for 8h`, or delete it with `tokenward rm {name}`"
)
_ENDED = {
    LeaseEnd.EXPIRED: phrase("The lease of {reference} ended on {end}; {remedy}."),
    LeaseEnd.SESSION: phrase("The lease of {reference} has ended with its session; {remedy}."),
    LeaseEnd.UNSURE: phrase(
        "It is not certain whether the lease of {reference} still lasts, because the clock showed {before} before and "
        "shows {now} now; if it is right now, a person can renew the lease with `tokenward lease {name} --for 8h`."
    ),
    LeaseEnd.UNSEEN: phrase(
        "Tokenward cannot tell whether the lease of {reference} has ended: its session belongs to another machine, "
        "container or user; use it there, or a person can renew it with `tokenward lease {name} --for 8h`."
    ),
}


class Permitted(NamedTuple):
    """A use that every lease allows.

    Attributes:
        counted: the tokens whose uses are counted, for `spending`.
        by_approval: a person has to approve it, now or for a session.
    """

    counted: tuple[Reference, ...] = ()
    by_approval: bool = False


def permit(context: Context, folder: Path, references: Collection[Reference], use: Use) -> Permitted:
    """Raise unless every lease allows the use.

    Raises:
        LeaseRefused: a lease does not; the refusal is recorded.
    """
    # The token's own provider has it anyway.
    if use.purpose is Purpose.ASK or not references:
        return Permitted()
    leased = leases_of(context, references)
    depends = any(one.programs or one.confirm is not Confirm.NEVER for one in leased.values())
    if use.program is not None and depends:
        # Of another process, only its own word says which program it starts.
        require_own_command()
    _require(context, folder, leased, use)
    with refusals(context, folder, references, use):
        by_agent = needs_approval(context.settings, use)
    unconfirmed = _unconfirmed(context, folder, leased, use, by_agent=by_agent)
    if unconfirmed:
        _ask(context, folder, unconfirmed, use, by_agent=by_agent)
        # A person may take a while to answer.
        _require(context, folder, leased, use)
    by_approval = (
        by_agent or use.needs_person or any(one.confirm is not Confirm.NEVER for one in leased.values())
    )
    counted = tuple(reference for reference, lease in leased.items() if lease.uses is not None)
    return Permitted(counted, by_approval)


@contextmanager
def spending(context: Context, folder: Path, counted: Collection[Reference], use: Use) -> Iterator[None]:
    """Spend a use of every token, or none at all, for a block that reads their values; its failure costs none.

    Raises:
        LeaseSpent: a token has no uses left; the refusal is recorded.
    """
    if not counted:
        yield
        return
    # A use that a daemon had spent before it failed would be spent again.
    require_own_command()
    with refusals(context, folder, counted, use):
        spent = context.leases.spend(counted)
    try:
        yield
    except BaseException:
        # A locked keyring must not cost the last use of a token.
        context.leases.give_back(spent)
        raise


def _require(context: Context, folder: Path, leased: Leased, use: Use) -> None:
    """Raise unless each lease lasts and is for the program and for what started it."""
    moment = None
    if any(lease.expires is not None for lease in leased.values()):
        try:
            moment = context.leases.tick()
        except StateDamaged as error:
            # A full disk must not keep a program from starting.
            context.warn(f"The time of this use is not recorded: {error}")
    moment = moment or context.leases.moment()
    for reference, lease in leased.items():
        over = context.leases.end_of(lease, moment)
        if over is not None:
            with refusals(context, folder, [reference], use):
                raise _ended(reference, lease, over, moment)
        if not lease.allows_start(use.caller.starters):
            with refusals(context, folder, [reference], use):
                raise _not_started_by(reference, lease, use)
        if not lease.allows(use.program):
            with refusals(context, folder, [reference], use):
                raise _not_allowed(reference, lease, use)


def _unconfirmed(context: Context, folder: Path, leased: Leased, use: Use, *, by_agent: bool) -> Leased:
    """Return the leases whose use a person has to approve now."""
    if use.needs_person or (by_agent and not can_last(use)):
        return leased
    wanted = {ref: lease for ref, lease in leased.items() if by_agent or lease.confirm is not Confirm.NEVER}
    if not wanted:
        return {}
    agreed = context.leases.approved(_purpose(use, folder, by_agent=by_agent))
    return {
        ref: lease for ref, lease in wanted.items() if lease.confirm is Confirm.ALWAYS or ref not in agreed
    }


def _ask(context: Context, folder: Path, unconfirmed: Leased, use: Use, *, by_agent: bool) -> None:
    is_for_session = not any(lease.confirm is Confirm.ALWAYS for lease in unconfirmed.values())
    lasts = is_for_session and not use.needs_person and (not by_agent or can_last(use))
    about = (folder, tuple(unconfirmed), use.purpose.value)
    question = ApprovalQuestion(*about, use.caller, use.program, use.command, lasts, use.reason)
    with refusals(context, folder, unconfirmed, use):
        reply = context.approver.ask(question)
        if reply.answer is ApprovalAnswer.DENY:
            names = ", ".join(reference.name for reference in unconfirmed)
            raise ApprovalDenied(
                "The use of {names} was denied; ask the person who denied it, or do without.", names=names
            )
    if lasts and reply.answer is ApprovalAnswer.SESSION and reply.session:
        context.leases.approve(unconfirmed, _purpose(use, folder, by_agent=by_agent), reply.session)


def _purpose(use: Use, folder: Path, *, by_agent: bool) -> str:
    """Return what a person approves: the purpose, the program if any, and the kind of caller; an agent's exactly."""
    program = None if use.program is None else Program.of(use.program)
    paths = [] if program is None else [program.path, program.real]
    exactly = approved_use(use, folder) if by_agent else []
    return json.dumps(
        [use.purpose.value, use.caller.possible_agent, use.caller.is_unattended, *paths, *exactly]
    )


def _ended(reference: Reference, lease: Lease, over: LeaseEnd, moment: Moment) -> LeaseRefused:
    if over is LeaseEnd.SPENT:
        return lease_spent(reference)
    return LeaseExpired(
        _ENDED[over],
        reference=reference,
        name=reference.name,
        end=words(lease.expires or 0),
        before=words(moment.latest),
        now=words(moment.now),
        remedy=said(_STAYS, name=reference.name),
    )


def _not_started_by(reference: Reference, lease: Lease, use: Use) -> StarterNotAllowed:
    found = sorted(use.caller.starters)
    return StarterNotAllowed(
        "{reference} is only for what {starters} starts, and {found} started this; a person can "
        "allow more with `tokenward lease {name} --by NAME`.",
        reference=reference,
        starters=either(spoken(lease.starters)),
        found=listed(spoken(found)) or "nothing that is known",
        name=reference.name,
    )


def _not_allowed(reference: Reference, lease: Lease, use: Use) -> ProgramNotAllowed:
    allowed = ", ".join(shown(program.path) for program in lease.programs)
    who = (
        "programs that the editor starts"
        if use.purpose is Purpose.LAUNCH
        else f"`tokenward {use.purpose.value}`"
    )
    who = who if use.program is None else shown(Program.of(use.program).path)
    return ProgramNotAllowed(
        "{reference} is only for {allowed}, not for {who}; a person can allow more with `tokenward "
        "lease {name} --only PATH`.",
        reference=reference,
        allowed=allowed,
        who=who,
        name=reference.name,
    )
