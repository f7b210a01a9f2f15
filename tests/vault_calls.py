"""Helpers for tests of vaults, importable by name as multiprocessing requires."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tokenward.errors import NameTaken
from tokenward.model import Reference, Secret
from tokenward.vault.vault import VaultConfig
from tokenward.vault.worker import VaultWorker

Workers = Callable[..., VaultWorker]

_Found = TypeVar("_Found")


def reference(name: str = "TOKEN") -> Reference:
    return Reference("acme", name)


def many_operations(config: VaultConfig, seed: int, count: int) -> int:
    """Put, read and remove own entries and read a shared one; return the number of rounds that succeeded."""
    choice = random.Random(seed)
    right = 0
    with contextlib.closing(VaultWorker(config)) as vault:
        for number in range(count):
            name, secret = reference(f"N_{seed}_{choice.randrange(3)}"), Secret(f"value {seed} {number}")
            vault.delete(name)
            right += vault.put(name, secret) and vault.get(name) == secret
            vault.get(reference("SHARED"))
    return right


def race(config: VaultConfig, value: str, count: int, gate: Path) -> list[bool]:
    """Put a value under many names while another process puts its own; return for each name whether this one won."""
    with contextlib.closing(VaultWorker(config)) as vault:
        vault.get(reference())
        while not gate.exists():
            pass
        return [_won(vault, reference(f"RACE_{number}"), Secret(value)) for number in range(count)]


def _won(vault: VaultWorker, name: Reference, secret: Secret) -> bool:
    try:
        return vault.put(name, secret)
    except NameTaken:
        return False


def enter(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def wait_for(find: Callable[[], _Found], limit: float = 60.0) -> _Found:
    """Poll until `find` returns something true, and return it."""
    deadline = time.monotonic() + limit
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
    return found


def is_running(pid: int) -> bool:
    """Return whether a process runs; a zombie without running threads does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self").exists()
    return state not in "ZX" or threads > 1
