"""workspace/executeCommand: the status of AI agents, and setting them up, checking them and taking that back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.custody.callers.callers import server
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import PersonNeeded, TokenwardError
from tokenward.language import said
from tokenward.lsp.client.session import Session
from tokenward.lsp.parts import Parts
from tokenward.operations.agents_protection.check import check as check_hooks
from tokenward.operations.agents_protection.hook_command import this_program
from tokenward.operations.agents_protection.plan import FilePlan, FoundAgent, plan_protection
from tokenward.operations.agents_protection.protect import protect as change
from tokenward.operations.agents_protection.protect import take_back
from tokenward.operations.agents_protection.record import ProtectionRecord, changed_guards, protected_files
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.agents_protection.survey import find_agents, survey
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.recording import record_gate
from tokenward.operations.transcripts.records import seen_by_agents
from tokenward.presentation import agent_texts as words
from tokenward.presentation import approvals
from tokenward.presentation.agent_texts import data_of


async def agents(parts: Parts, argument: Any) -> dict[str, Any]:
    """Return the status of the agents in use."""
    return await _list(parts.session, argument, checks=False)


async def check(parts: Parts, argument: Any) -> dict[str, Any]:
    """Send a made-up token through the agents' hooks, and show and return what came back."""
    session = parts.session
    found = await _list(session, argument, checks=True)
    failed = [one["agent"] for one in found["agents"] if any(two.get("failed") for two in one["surfaces"])]
    show = session.show_message if failed else session.inform
    show(words.checked([one["agent"] for one in found["agents"]], failed))
    return found


async def protect(parts: Parts, argument: Any) -> dict[str, Any] | None:
    """Set up the agents once the user agrees, and check them."""
    session = parts.session
    await require_person(session, "protect")
    planned = await session.in_agents_thread(partial(_plans, session, argument))
    for why in words.refusals(planned):
        session.show_message(why)
    changing = [plan for plan in planned if plan.changes]
    if changing:
        if not await session.choose(words.protect_question(changing), [words.PROTECT]):
            return None
        await session.in_agents_thread(partial(_protect, session, argument, changing))
    return await check(parts, argument)


async def undo(parts: Parts, argument: Any) -> dict[str, Any] | None:
    """Remove what was added to the agents' settings once the user agrees."""
    session = parts.session
    await require_person(session, "undo")

    def protected() -> list[Path]:
        record, name = ProtectionRecord.read(session.places), named_agent(argument)
        if not name:
            return [*map(Path, record.files)]
        files = protected_files(_search_roots(session), record)
        return [path for path, agents in files.items() if name in [agent.name for agent in agents]]

    def take_all_back() -> list[str]:
        editor = DiskEditor(follows_links=False, notes=session.places.writes)
        with ProtectionRecord.locked(session.places) as record:
            return words.left([*take_back(record, editor, paths)])

    paths = await session.in_agents_thread(protected)
    if not paths:
        session.inform(said(words.NOTHING_ADDED))
    elif await session.choose(words.undo_question(paths), [words.UNDO]):
        for why in await session.in_agents_thread(take_all_back):
            session.show_message(why)
    else:
        return None
    return await agents(parts, argument)


async def warn(parts: Parts, sentences: Sequence[str]) -> None:
    """Show that guards were changed, in a client without a view of the agents, and offer to protect them again."""
    session, text = parts.session, words.guard_changed(sentences)
    if not session.capabilities.asks:
        session.show_message(text)
    elif await session.choose(text, [words.PROTECT_AGAIN]):
        await protect(parts, {})


async def require_person(session: Session, command: str) -> None:
    """Refuse where no person can be asked, and record that an assistant was refused.

    Raises:
        PersonNeeded: an assistant started this editor, or it cannot ask.
    """
    asker = server(session.client_process or os.getppid())
    if agent := asker.possible_agent:
        line, folder = ["editor", *command.split()], _search_roots(session).workspace or Path.home()
        await session.in_agents_thread(partial(record_gate, session.places, asker, line, folder))
        raise PersonNeeded(approvals.agent_in_editor(agent))
    if not session.capabilities.asks:
        raise PersonNeeded(words.cannot_ask(command))


async def _list(session: Session, argument: Any, *, checks: bool) -> dict[str, Any]:
    name = named_agent(argument)

    def work() -> list[Any]:
        roots, program = _search_roots(session), ""
        # Without a program, no hook is this program's.
        with suppress(TokenwardError):
            program = this_program(Path.home())
        changed = changed_guards(roots, ProtectionRecord.read(session.places))
        statuses = survey(roots, _chosen(find_agents(roots), name), program, changed)
        seen = seen_by_agents(Ledger(session.places.ledger))
        return [data_of(check_hooks(one, program) if checks else one, seen=seen) for one in statuses]

    return {"agents": await session.in_agents_thread(work)}


def _plans(session: Session, argument: Any, record: ProtectionRecord | None = None) -> list[FilePlan]:
    roots, name = _search_roots(session), named_agent(argument)
    program = this_program(roots.workspace or roots.home)
    found = _chosen(find_agents(roots), name)
    return [*plan_protection(roots, found, program, record or ProtectionRecord.read(session.places))]


def _protect(session: Session, argument: Any, agreed: Sequence[FilePlan]) -> None:
    """Make the changes to which the user has agreed.

    Raises:
        TokenwardError: they are others now, or a file cannot be changed.
    """
    editor = DiskEditor(follows_links=False, notes=session.places.writes)
    with ProtectionRecord.locked(session.places) as record:
        plans = [plan for plan in _plans(session, argument, record) if plan.changes]
        if [(one.real, one.after) for one in plans] != [(one.real, one.after) for one in agreed]:
            raise TokenwardError("The agents' settings have changed in the meantime; protect them again.")
        for plan in plans:
            change(plan, record, editor)


def _search_roots(session: Session) -> SearchRoots:
    return SearchRoots.around(next(iter(session.folders), Path.home()))


def _chosen(found: Sequence[FoundAgent], name: str) -> list[FoundAgent]:
    """Return the agent with a name, or all.

    Raises:
        TokenwardError: it is not in use.
    """
    chosen = [one for one in found if name in ("", one.agent.name)]
    if name and not chosen:
        raise TokenwardError("This agent is not in use here; refresh the list of agents.")
    return chosen


def named_agent(argument: Any) -> str:
    """Return the name of the agent in a command's argument; empty if it names none."""
    name = argument.get("agent") if isinstance(argument, dict) else None
    return name if isinstance(name, str) else ""
