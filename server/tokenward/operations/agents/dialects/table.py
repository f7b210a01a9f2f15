"""The dialects, by name."""

from __future__ import annotations

from importlib import import_module

from tokenward.operations.agents.dialects.dialect import Dialect

NAMES = (
    *("claude-code", "codex", "cursor", "copilot-cli", "vscode", "gemini-cli", "antigravity"),
    *("opencode", "vibe", "goose", "cline", "kiro", "devin", "junie"),
)
"""Each is also the name of its module, with `_` for `-`."""


def dialect_named(name: str) -> Dialect | None:
    """Return a dialect, with only its module loaded, or None."""
    if name not in NAMES:
        return None
    module = import_module(f"tokenward.operations.agents.dialects.{name.replace('-', '_')}")
    dialect: Dialect = module.DIALECT
    return dialect


def all_dialects() -> tuple[Dialect, ...]:
    """Return every dialect."""
    return tuple(found for name in NAMES if (found := dialect_named(name)))
