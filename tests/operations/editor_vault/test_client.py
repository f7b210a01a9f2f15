"""A command whose editor stores the tokens, when an answer is lost on the way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tokenward.custody.callers.callers import Caller
from tokenward.custody.sockets import registry
from tokenward.custody.sockets.registry import SocketRecord
from tokenward.errors import VaultTimeout, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.operations.editor_vault.client import EditorVaultClient
from tokenward.operations.editor_vault.messages import VaultResponse, written_outcome
from tokenward.operations.use import Purpose, Use

REFERENCE = Reference("acme-api", "TOKEN")


@pytest.fixture
def kept(tmp_path: Path) -> EditorVaultClient:
    """A workspace that two editors have open."""
    for name in ("0" * 16, "1" * 16):
        registry.publish(tmp_path, SocketRecord(tmp_path / f"{name}.sock", os.getpid(), (tmp_path,)))
    return EditorVaultClient(tmp_path, tmp_path, lambda _: None)


def answering(monkeypatch: pytest.MonkeyPatch, answers: Sequence[bytes | OSError]) -> list[SocketRecord]:
    """Replace requests by these answers or failures, and return the sockets that were used."""
    knocked: list[SocketRecord] = []

    def send_request(record: SocketRecord, *_: object) -> bytes:
        knocked.append(record)
        answer = answers[len(knocked) - 1]
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr("tokenward.operations.editor_vault.client.send_request", send_request)
    return knocked


@pytest.mark.parametrize("lost", [ConnectionError(), TimeoutError(), b"{}"])
def test_what_one_editor_may_have_done_is_not_done_by_another_too(
    kept: EditorVaultClient, monkeypatch: pytest.MonkeyPatch, lost: bytes | OSError
) -> None:
    """Otherwise a token would be in two editors, one of them unknown."""
    knocked = answering(monkeypatch, [lost, lost, *[written_outcome(VaultResponse(changed=True))] * 2])
    with pytest.raises(VaultTimeout):
        kept.put(REFERENCE, Secret("x"))
    with pytest.raises(VaultTimeout):
        kept.delete(REFERENCE)
    assert knocked[0] == knocked[1]


@pytest.mark.parametrize("nobody", [ConnectionRefusedError(), FileNotFoundError(), BlockingIOError()])
def test_where_nobody_has_heard_it_the_next_is_asked(
    kept: EditorVaultClient, monkeypatch: pytest.MonkeyPatch, nobody: OSError
) -> None:
    knocked = answering(monkeypatch, [nobody, written_outcome(VaultResponse(changed=True)), nobody, nobody])
    assert kept.put(REFERENCE, Secret("x"))
    assert knocked[0] != knocked[1]
    with pytest.raises(VaultUnavailable):
        kept.values(kept.folder, [REFERENCE], Use(Purpose.RUN, Caller(())))
