"""Which commands the rules of Codex's user are about, so that it is shown them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenward.operations.agents.command_rules import is_ruled

RULES = """# A comment
prefix_rule(pattern=["touch"], decision="forbidden")
prefix_rule(
    pattern = ["git", ["push", "fetch"]],
    decision = "prompt",
)
prefix_rule(pattern=["make"], decision="allow")
prefix_rule(pattern=['ls'])
"""


@pytest.mark.parametrize(
    ("line", "is_about"),
    [
        ("touch x", True),
        ("cd a && /usr/bin/touch x", True),
        ("bash -c 'touch x'", True),
        ("echo $(touch x)", True),
        ("x=1;git status", True),
        ("npm push", True),
        ("make all", False),
        ("ls touched", False),
        ("cat touch.txt", False),
    ],
)
def test_a_rule_that_forbids_or_asks_is_about_each_command_with_its_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, is_about: bool
) -> None:
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "codex"))
    assert not is_ruled(line, str(tmp_path))
    for place in (tmp_path / "codex", tmp_path / ".codex"):
        (place / "rules").mkdir(parents=True)
        (place / "rules" / "default.rules").write_text(RULES)
        assert is_ruled(line, str(tmp_path)) is is_about
        (place / "rules" / "default.rules").unlink()
