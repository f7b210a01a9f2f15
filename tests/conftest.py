from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import keyring_session
from tokenward.detection.engine import Detector

# An example's duration says more about the machine than about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def rules_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder with compiled rules, shared by all servers of a run: compiling may take a minute."""
    home = tmp_path_factory.mktemp("cache")
    rules = home / "tokenward" / "rules"
    rules.parent.mkdir(mode=0o700)
    rules.mkdir(mode=0o700)
    Detector(rules).load()
    return home


@pytest.fixture
def unlocked(rules_home: Path) -> Iterator[dict[str, str]]:
    """Yield the environment of a user with an unlocked gnome-keyring."""
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    with keyring_session.keyring_session() as environment:
        yield {**environment, "XDG_CACHE_HOME": str(rules_home)}


@pytest.fixture
def absent(rules_home: Path) -> Iterator[dict[str, str]]:
    """Yield the environment of a user without a keyring."""
    with keyring_session.keyring_session("absent") as environment:
        yield {**environment, "XDG_CACHE_HOME": str(rules_home)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    workspace = tmp_path / "acme-api"
    workspace.mkdir()
    return workspace


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """Return the detector with all rules, compiled once for the whole run."""
    return Detector(tmp_path_factory.mktemp("rules"))
