from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import keyring_session
from tokenward.detection.engine import Detector

# How long an example takes says more of the machine than of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def rules_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that the servers of a run share, with rules compiled: a busy machine may take a minute for it."""
    home = tmp_path_factory.mktemp("cache")
    rules = home / "tokenward" / "rules"
    rules.parent.mkdir(mode=0o700)
    rules.mkdir(mode=0o700)
    Detector(rules).load()
    return home


@pytest.fixture
def unlocked(rules_home: Path) -> Iterator[dict[str, str]]:
    """The environment of a user with an unlocked gnome-keyring."""
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    with keyring_session.keyring_session() as environment:
        yield {**environment, "XDG_CACHE_HOME": str(rules_home)}


@pytest.fixture
def absent(rules_home: Path) -> Iterator[dict[str, str]]:
    """The environment of a user without any keyring."""
    with keyring_session.keyring_session("absent") as environment:
        yield {**environment, "XDG_CACHE_HOME": str(rules_home)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    workspace = tmp_path / "acme-api"
    workspace.mkdir()
    return workspace


@pytest.fixture(scope="session")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    """The detector with all rules, compiled once for the whole run."""
    return Detector(tmp_path_factory.mktemp("rules"))
