"""Questions that nobody answers: at a client that leaves them open, and when the editor exits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from lsprotocol import types

import sockets
from tokenward.custody.callers.callers import Caller
from tokenward.errors import ApprovalUnavailable
from tokenward.lsp.approval import ask_user
from tokenward.lsp.approval.ask_user import Approvals, EditorApprover, PersonAtClient
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.session import Session
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion, Reply
from tokenward.operations.approval.messages import Refusal
from tokenward.places import Places
from tokenward.presentation import approvals as words


@dataclass
class Protocol:
    """A client whose user is away; questions wait until a test answers."""

    shown: list[asyncio.Future[Any]] = field(default_factory=list)
    cancelled: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def send_request_async(self, method: str, params: object, msg_id: str) -> asyncio.Future[Any]:
        self.shown.append(asyncio.get_running_loop().create_future())
        self.news.set()
        return self.shown[-1]

    def notify(self, method: str, params: object) -> None:
        self.cancelled += 1


@dataclass
class Desk:
    """The parts of a session that questions need."""

    places: Places
    server: Any
    loop: asyncio.AbstractEventLoop | None = None
    scanner: None = None
    capabilities: ClientCapabilities = field(default_factory=lambda: ClientCapabilities(asks=True))

    def show_message(self, message: str) -> None:
        raise AssertionError(message)

    show_message_from_thread = show_message

    def start_task(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return asyncio.create_task(work)


def desk(tmp_path: Path) -> tuple[Protocol, Approvals, Session]:
    protocol = Protocol()
    server = type("Server", (), {"protocol": protocol})()
    session = cast("Session", Desk(Places(tmp_path, tmp_path, tmp_path), server, asyncio.get_running_loop()))
    return protocol, Approvals(session), session


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no time for an answer."""
    monkeypatch.setattr(ask_user, "ANSWER_SECONDS", 0.05)


@pytest.mark.usefixtures("hasty")
async def test_a_question_that_nobody_answers_is_withdrawn_and_kept_from_being_repeated(
    tmp_path: Path,
) -> None:
    """If the client never closes a message, it is the only one of its kind; a late answer has no effect."""
    protocol, asked, _ = desk(tmp_path)
    question = sockets.question(tmp_path)
    assert await asked.ask(question) is Refusal.LATE
    assert protocol.cancelled == 1
    second = asyncio.ensure_future(asked.ask(question))
    await asyncio.sleep(0.1)
    assert len(protocol.shown) == 1
    protocol.shown[0].set_result(types.MessageActionItem(words.ONCE))
    assert await second is Refusal.LATE
    asked.close()


async def test_a_yes_is_for_the_program_that_it_was_said_of(tmp_path: Path) -> None:
    """Other programs wait no longer than they must."""
    protocol, asked, _ = desk(tmp_path)
    first = asyncio.ensure_future(asked.ask(sockets.question(tmp_path)))
    second = asyncio.ensure_future(asked.ask(sockets.question(tmp_path, program="/usr/bin/false")))
    while len(protocol.shown) < 2:
        await protocol.news.wait()
        protocol.news.clear()
    protocol.shown[1].set_result(types.MessageActionItem(words.ONCE))
    assert await second == Reply(ApprovalAnswer.ONCE)
    protocol.shown[0].set_result(None)
    assert await first == Reply(ApprovalAnswer.DENY)
    asked.close()


async def test_a_thread_that_waits_for_a_person_does_not_outlive_the_editor(tmp_path: Path) -> None:
    protocol, asked, session = desk(tmp_path)
    approver = EditorApprover(session, asked)
    failures: list[Exception] = []

    def wait() -> None:
        try:
            approver.ask(sockets.question(tmp_path))
        except ApprovalUnavailable as error:
            failures.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    await protocol.news.wait()
    asked.close()
    await asyncio.to_thread(thread.join, 30)
    assert [str(error) for error in failures] == [words.EDITOR_CLOSES]


async def test_what_a_person_starts_in_the_editor_is_asked_about_there(tmp_path: Path) -> None:
    """Except if an assistant started the editor."""
    protocol, asked, session = desk(tmp_path)
    approver = EditorApprover(session, asked)
    waiting = asyncio.ensure_future(asyncio.to_thread(approver.ask, sockets.question(tmp_path)))
    await protocol.news.wait()
    protocol.shown[0].set_result(types.MessageActionItem(words.ONCE))
    assert await waiting == Reply(ApprovalAnswer.ONCE)
    by_agent: ApprovalQuestion = replace(sockets.question(tmp_path), caller=Caller((), "Codex"))
    with pytest.raises(ApprovalUnavailable, match="Codex"):
        await asyncio.to_thread(approver.ask, by_agent)
    asked.close()


async def test_a_yes_to_somebody_who_has_gone_is_of_no_account(tmp_path: Path) -> None:
    """Otherwise a use that nobody had would be counted and recorded."""
    protocol, asked, session = desk(tmp_path)
    is_gone = threading.Event()
    person = PersonAtClient(session, asked, is_gone.is_set)
    waiting = asyncio.ensure_future(asyncio.to_thread(person.ask, sockets.question(tmp_path)))
    await protocol.news.wait()
    is_gone.set()
    protocol.shown[0].set_result(types.MessageActionItem(words.ONCE))
    with pytest.raises(ApprovalUnavailable):
        await waiting
    asked.close()
