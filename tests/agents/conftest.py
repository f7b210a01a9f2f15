from __future__ import annotations

from pathlib import Path

import pytest

from agents.real_agents import CLAUDE, CODEX, WHY_NOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            program = CODEX if "codex" in item.path.name else CLAUDE
            if not program.exists():
                item.add_marker(pytest.mark.skip(reason=WHY_NOT))
