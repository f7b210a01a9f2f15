from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from keyring_session import AVAILABLE, WHY_NOT, keyring_session
from tokenward.model import Secret
from tokenward.vault.vault import VaultConfig
from tokenward.vault.worker import VaultWorker
from vault_calls import Workers, enter


@pytest.fixture(scope="module")
def _session() -> Iterator[dict[str, str]]:
    if not AVAILABLE:
        pytest.skip(WHY_NOT)
    with keyring_session() as environment:
        yield environment


@pytest.fixture
def unlocked_keyring(_session: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A real gnome-keyring in the environment of this process."""
    return enter(_session, monkeypatch)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Makes workers, which are closed at the end."""
    made: list[VaultWorker] = []

    def make(
        *,
        file: Path | None = None,
        timeout: float = 20.0,
        allowed: tuple[str, ...] = (),
        passphrase: Secret | None = None,
    ) -> VaultWorker:
        kind: Literal["keyring", "file"] = "keyring" if file is None else "file"
        made.append(VaultWorker(VaultConfig(kind, tmp_path / "lock", file, timeout, allowed, passphrase)))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


@pytest.fixture
def fake_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Sets keyring to a backend of fake_backends; gives the folder by which it is steered."""

    def use(name: str) -> Path:
        folder = tmp_path / "fake"
        folder.mkdir(exist_ok=True)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"fake_backends.{name}")
        monkeypatch.setenv("FAKE_KEYRING", str(folder))
        return folder

    return use
