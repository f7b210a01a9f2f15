from __future__ import annotations

from pathlib import Path

import pytest

from tokenward.detection.engine import Detector
from workspace_texts import Workspace


@pytest.fixture
def workspace(detector: Detector, tmp_path: Path) -> Workspace:
    cache = tmp_path / "rules"
    cache.mkdir(mode=0o700)
    return Workspace(detector, cache)
