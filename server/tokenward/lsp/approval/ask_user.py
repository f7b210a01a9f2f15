"""Approvals: asks the user of the client before a stored token is used."""

from __future__ import annotations

import asyncio
import shlex
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.sockets.registry import folder_in
from tokenward.errors import ApprovalUnavailable, StateDamaged
from tokenward.language import said
from tokenward.lsp.client.session import Session
from tokenward.operations.approval.approval import (
    ANSWER_SECONDS,
    DENIED_SECONDS,
    ApprovalAnswer,
    ApprovalQuestion,
    Reply,
)
from tokenward.operations.approval.ask_editor import ask_editors, failure_of
from tokenward.operations.approval.messages import Refusal
from tokenward.operations.command_words import command_words
from tokenward.operations.excerpts import without_tokens
from tokenward.presentation import approvals as words

MOST_OPEN = 3
"""The most questions shown at once."""
MOST_WAITING = 32
"""The most questions that wait, including those that are shown."""
MOST_A_MINUTE = 12
LONGEST_OPEN = 600.0
"""Seconds after which an unanswered message no longer prevents the next of its kind."""
_MOMENT = 0.2

Lane: TypeAlias = "tuple[Path, Path | None]"
Outcome: TypeAlias = "Reply | Refusal"
K = TypeVar("K")
V = TypeVar("V")


class Approvals:
    """Shows at most one question per program and folder, and few in all, so that a program cannot wear a user down."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._thread = ThreadPoolExecutor(1, "tokenward-approvals")
        self._mark = ""
        """The session that an answer may last for; if empty, no answer lasts."""
        self._lanes: WeakValueDictionary[Lane, asyncio.Lock] = WeakValueDictionary()
        self._few = asyncio.Semaphore(MOST_OPEN)
        self._shown: deque[float] = deque(maxlen=MOST_A_MINUTE)
        self._denied: dict[Lane, float] = {}
        """When each kind of question was last denied."""
        self._lasting: dict[tuple[Any, ...], tuple[float, Reply]] = {}
        """Approvals for the session; one also answers the waiting questions of its kind."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_closed = False

    async def begin(self) -> None:
        """Get the mark of this editor session, for answers that last as long."""
        sessions = Sessions(self._session.places.sessions)
        try:
            self._mark = await self.in_thread(sessions.editor)
        except StateDamaged as error:
            self._session.show_message(str(error))

    def close(self) -> None:
        """Stop asking."""
        self.is_closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """Run work that uses the disk, separately from the scanning threads."""
        if self.is_closed:
            # Nothing waits for the result, and a pool that has ended would raise an error that is reported.
            raise asyncio.CancelledError
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def ask(self, question: ApprovalQuestion, is_gone: Callable[[], bool] = lambda: False) -> Outcome:
        """Return the user's answer, or why nobody answered.

        Args:
            question: the question.
            is_gone: returns whether nothing waits for the answer now.
        """
        if self.is_closed or not self._session.capabilities.asks:
            return Refusal.MUTE
        if len(self._tasks) >= MOST_WAITING:
            return Refusal.BUSY
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        # A separate task, because a question stays shown and keeps its slot even after its process has ended.
        task = self._session.start_task(self._in_turn(question, is_gone, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: _settle(answer, Refusal.MUTE))
        return await answer

    async def _in_turn(
        self, question: ApprovalQuestion, is_gone: Callable[[], bool], answer: asyncio.Future[Outcome]
    ) -> None:
        arrived = _now()
        lane = question.folder, question.program
        turn = self._lanes.setdefault(lane, asyncio.Lock())
        async with turn, self._few:
            is_late = is_gone() or _now() - arrived > ANSWER_SECONDS
            known = Refusal.LATE if is_late else self._known(question, lane, arrived)
            if known is None:
                self._shown.append(_now())
                await self._show(question, lane, answer)
            else:
                _settle(answer, known)

    def _known(self, question: ApprovalQuestion, lane: Lane, arrived: float) -> Outcome | None:
        """Return an answer that needs no question; None if the question must be shown."""
        if _now() - self._denied.get(lane, -DENIED_SECONDS) < DENIED_SECONDS:
            return Refusal.DENIED
        agreed = self._lasting.get(_kind(question))
        if agreed is not None and agreed[0] >= arrived:
            return agreed[1]
        if len(self._shown) == MOST_A_MINUTE and _now() - self._shown[0] < 60:
            return Refusal.BUSY
        return None

    async def _show(self, question: ApprovalQuestion, lane: Lane, answer: asyncio.Future[Outcome]) -> None:
        """Show the question, and keep its slot until the client answers or the question is too old."""
        text = await self.in_thread(lambda: words.question(question, self._command(question.command)))
        can_last = question.can_last and bool(self._mark)
        choices = [words.ONCE, *([words.THIS_SESSION] if can_last else []), words.DENY]
        number = str(uuid.uuid4())
        params = types.ShowMessageRequestParams(
            types.MessageType.Warning, text, [types.MessageActionItem(said(choice)) for choice in choices]
        )
        protocol = self._session.server.protocol
        # Never cancelled here, because pygls fails at the answer to a cancelled request.
        shown = protocol.send_request_async(types.WINDOW_SHOW_MESSAGE_REQUEST, params, msg_id=number)
        await asyncio.wait([shown], timeout=ANSWER_SECONDS)
        if not shown.done():
            _settle(answer, Refusal.LATE)
            protocol.notify(types.CANCEL_REQUEST, types.CancelParams(number))
            await asyncio.wait([shown], timeout=LONGEST_OPEN - ANSWER_SECONDS)
            return
        _settle(answer, self._outcome_of(question, lane, shown))

    def _outcome_of(self, question: ApprovalQuestion, lane: Lane, shown: asyncio.Future[Any]) -> Outcome:
        """Return what the client's answer means; anything but the exact title of a choice is a denial."""
        try:
            title = getattr(shown.result(), "title", None)
        except JsonRpcException:
            return Refusal.MUTE
        if title == said(words.THIS_SESSION) and question.can_last and self._mark:
            reply = Reply(ApprovalAnswer.SESSION, self._mark)
            self._lasting = _recent(self._lasting, lambda agreed: agreed[0])
            self._lasting[_kind(question)] = (_now(), reply)
            return reply
        if title == said(words.ONCE):
            return Reply(ApprovalAnswer.ONCE)
        self._denied = _recent(self._denied, lambda when: when)
        self._denied[lane] = _now()
        return Reply(ApprovalAnswer.DENY)

    def _command(self, command: tuple[str, ...]) -> str:
        """Return a command line without tokens; before the rules are loaded, without anything that could be one."""
        scanner = self._session.scanner
        if scanner is None:
            return command_words(command)
        try:
            return without_tokens(scanner.detector, shlex.join(command))
        except TimeoutError:
            return command_words(command)


class PersonAtClient:
    """Asks the client's user on behalf of a command in a terminal; blocks, so use it in threads."""

    def __init__(
        self, session: Session, approvals: Approvals, is_gone: Callable[[], bool] = lambda: False
    ) -> None:
        self._session = session
        self._approvals = approvals
        self._is_gone = is_gone

    def ask(self, question: ApprovalQuestion) -> Reply:
        """Return the user's answer.

        Raises:
            LeaseRefused: there is no answer.
        """
        loop = self._session.loop
        if loop is None or self._approvals.is_closed:
            raise ApprovalUnavailable(words.EDITOR_CLOSES)
        future = asyncio.run_coroutine_threadsafe(self._approvals.ask(question, self._is_gone), loop)
        while not wait([future], _MOMENT).done:
            # A loop that has ended never answers, and the process would wait for this thread.
            if self._approvals.is_closed:
                raise ApprovalUnavailable(words.EDITOR_CLOSES)
        # A process that has ended gets nothing, so no use is counted or recorded in the ledger.
        outcome = Refusal.LATE if self._is_gone() else future.result()
        if isinstance(outcome, Reply):
            return outcome
        raise failure_of(outcome) or ApprovalUnavailable(words.EDITOR_CANNOT_ASK)


class EditorApprover(PersonAtClient):
    """Asks for what the user starts in the editor; elsewhere, if an assistant may have started the editor itself."""

    def ask(self, question: ApprovalQuestion) -> Reply:
        """Return the user's answer.

        Raises:
            LeaseRefused: there is no answer, or an assistant could give it.
        """
        if agent := question.caller.possible_agent:
            records = folder_in(self._session.places.data_dir)
            reply = ask_editors(records, question, self._session.show_message_from_thread)
            if reply is None:
                raise ApprovalUnavailable(words.agent_at_editor(agent))
            return reply
        return super().ask(replace(question, caller=replace(question.caller, is_unattended=False)))


def _settle(answer: asyncio.Future[Outcome], outcome: Outcome) -> None:
    if not answer.done():
        answer.set_result(outcome)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _kind(question: ApprovalQuestion) -> tuple[Any, ...]:
    about = question.folder, question.program, question.purpose, frozenset(question.references)
    exactly = (question.caller.agent_process, question.command) if question.caller.possible_agent else ()
    return (*about, question.caller.possible_agent, question.caller.is_unattended, *exactly)


def _recent(entries: dict[K, V], when: Callable[[V], float]) -> dict[K, V]:
    return {key: value for key, value in entries.items() if _now() - when(value) < LONGEST_OPEN}
