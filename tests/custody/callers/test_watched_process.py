"""The server ends with its client, which it watches without waking up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from threading import Event

import pytest

from tokenward.custody.callers import processes
from tokenward.custody.callers.processes import watch_process

PATIENCE = 60.0


@pytest.fixture
def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)


def test_the_end_of_a_process_is_noticed_once_it_has_come(child: subprocess.Popen[bytes]) -> None:
    gone = Event()
    watch_process(child.pid, gone.set)
    with child:
        assert not gone.wait(0.5)
        child.kill()
        # Nobody has waited for it yet.
        assert gone.wait(PATIENCE)
    again = Event()
    watch_process(child.pid, again.set)
    assert not again.wait(0.5), "it is invisible"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux gives a handle of a process")
def test_nothing_wakes_the_watcher(child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    gone = Event()
    watch_process(child.pid, gone.set)
    with child:
        child.communicate(b"\n")
    assert gone.wait(PATIENCE)
    assert slept == []


def test_without_a_handle_it_is_looked_for(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    monkeypatch.setattr(processes, "POLL_SECONDS", 0.05)
    gone = Event()
    watch_process(child.pid, gone.set)
    with child:
        time.sleep(0.2)
        assert not gone.is_set()
        child.kill()
        assert gone.wait(PATIENCE)
