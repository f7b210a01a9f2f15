"""The dialects, by name."""

from __future__ import annotations

from importlib import import_module

from tokenward.operations.agents.dialects.dialect import Dialect

_MODULES = {
    "claude-code": "claude_code",
    "codex": "codex",
    "cursor": "cursor",
    "copilot-cli": "copilot_cli",
    "vscode": "vscode",
    "gemini-cli": "gemini_cli",
    "antigravity": "antigravity",
    "opencode": "opencode",
    "vibe": "vibe",
    "goose": "goose",
    "cline": "cline",
    "kiro": "kiro",
    "devin": "devin",
    "junie": "junie",
}
NAMES = tuple(_MODULES)


def dialect_named(name: str) -> Dialect | None:
    """Return a dialect, with only its module loaded, or None."""
    if name not in _MODULES:
        return None
    module = import_module(f"tokenward.operations.agents.dialects.{_MODULES[name]}")
    dialect: Dialect = module.DIALECT
    return dialect


def all_dialects() -> tuple[Dialect, ...]:
    """Return every dialect."""
    return tuple(found for name in NAMES if (found := dialect_named(name)))
