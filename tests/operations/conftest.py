from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk import Desk
from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.operations.context import Context, open_context
from tokenward.operations.vault_choice import vault_config
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.vault.worker import VaultWorker
from vault_calls import enter

if TYPE_CHECKING:
    from fork_server import ForkServer
    from killed import Killer


@pytest.fixture
def desk(tmp_path: Path, folder: Path, detector: Detector) -> Desk:
    """A workspace `acme-api` of a user without any records yet."""
    home = tmp_path / "home"
    return Desk(Places(home / "config", home / "data", home / "cache"), detector, folder)


@pytest.fixture
def entered(
    unlocked: dict[str, str], detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Context]:
    """The keyring and records of the same user as of `killer`, in this process."""
    enter(unlocked, monkeypatch)
    places = Places.of_user()
    scanner = Scanner(detector, Fingerprinter(load_key(places.fingerprint_key)))
    with contextlib.closing(VaultWorker(vault_config(places, Settings()))) as vault:
        yield open_context(places, Settings(), lambda: scanner, vault)


@pytest.fixture(scope="session")
def killers(fork_server: ForkServer | None) -> Iterator[subprocess.Popen[str]]:
    """The process that serves all killers."""
    import killed  # noqa: PLC0415 - not on Windows

    with fork_server.in_popen() if fork_server else contextlib.nullcontext():
        process = subprocess.Popen(
            [sys.executable, killed.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    with process:
        yield process
        process.communicate()


@pytest.fixture
def killer(unlocked: dict[str, str], killers: subprocess.Popen[str], tmp_path: Path) -> Killer:
    """Runs `tokenward`, killed at a step."""
    import killed  # noqa: PLC0415 - not on Windows

    streams = tmp_path / "streams"
    streams.mkdir()
    return killed.Killer(killers, streams, unlocked)
