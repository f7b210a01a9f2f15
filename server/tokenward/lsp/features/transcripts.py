"""tokenward/terminal* and tokenward/transcript: the output of terminals, and the texts that report tokens in it."""

from __future__ import annotations

from typing import Any

from tokenward.lsp.parts import Parts
from tokenward.presentation.terminals import GONE


def terminal_data(parts: Parts, params: Any) -> None:
    parts.terminals.data(params)


def terminal_end(parts: Parts, params: Any) -> None:
    parts.terminals.end(params)


def transcript(parts: Parts, params: Any) -> dict[str, Any]:
    """Return the text under a uri and its version, or a text that says that there is none."""
    uri = params.get("uri") if isinstance(params, dict) else None
    page = parts.terminals.get(uri) if isinstance(uri, str) else None
    if page is None or page.transcript is None:
        return {"text": GONE, "version": 0}
    return {"text": page.transcript.text, "version": page.version}
