from __future__ import annotations

from pathlib import Path

import pytest

from desk import Desk
from tokenward.detection.engine import Detector
from tokenward.places import Places


@pytest.fixture
def desk(tmp_path: Path, folder: Path, detector: Detector) -> Desk:
    """A workspace `acme-api` of a user without any records yet."""
    home = tmp_path / "home"
    return Desk(Places(home / "config", home / "data", home / "cache"), detector, folder)
