"""The kinds of code actions that a client requests, and the diagnostics that they fix."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from tokenward.model import Finding
from tokenward.names import DIAGNOSTIC_SOURCE


def wants_quick_fixes(only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Return whether a client requests quick fixes, perhaps among other kinds."""
    return not only or not {"", "quickfix"}.isdisjoint(_kinds(only))


def wants_refactorings(context: types.CodeActionContext) -> bool:
    """Return whether a client requests refactorings, by name or because its user opened the menu."""
    if context.only:
        return not {"", "refactor"}.isdisjoint(_kinds(context.only))
    return context.trigger_kind is not types.CodeActionTriggerKind.Automatic


def wants_source_action(only: Sequence[types.CodeActionKind | str] | None, kind: str) -> bool:
    """Return whether a client asks for a kind of source actions by its name, or by the start of it."""
    return any(f"{kind}.".startswith(f"{wanted}.") for wanted in _kinds(only or ()) if wanted)


def _kinds(only: Sequence[types.CodeActionKind | str]) -> set[str]:
    return {str(getattr(kind, "value", kind)) for kind in only}


def diagnostics_of(context: types.CodeActionContext, finding: Finding) -> list[types.Diagnostic]:
    """Return the client's own diagnostics that an action for the finding would fix."""
    return [
        diagnostic
        for diagnostic in context.diagnostics
        if diagnostic.source == DIAGNOSTIC_SOURCE
        and isinstance(diagnostic.data, dict)
        and diagnostic.data.get("fingerprint") == finding.fingerprint
    ]
