"""The texts that tell what terminals printed, as documents of the client: shown in it, and scanned by nobody."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol import types

from tokenward.lsp.client.convert import from_position
from tokenward.lsp.client.transcript_uris import canonical, is_transcript
from tokenward.lsp.features.hover import hover_of, setting_of
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.model import Surface
from tokenward.presentation.terminals import GONE, hover_text
from tokenward.sources.source import Origin
from tokenward.text import split_lines


def did_open(
    terminals: Terminals,
    otherwise: Callable[[types.DidOpenTextDocumentParams], None],
    params: types.DidOpenTextDocumentParams,
) -> None:
    """Take a text of ours as open; every other document goes to `otherwise`."""
    uri = params.text_document.uri
    if is_transcript(uri):
        terminals.view.transcript_opened(canonical(uri))
    else:
        otherwise(params)


def did_close(
    terminals: Terminals,
    otherwise: Callable[[types.DidCloseTextDocumentParams], None],
    params: types.DidCloseTextDocumentParams,
) -> None:
    """Take a text of ours as closed; every other document goes to `otherwise`."""
    uri = params.text_document.uri
    if is_transcript(uri):
        terminals.view.transcript_closed(canonical(uri))
    else:
        otherwise(params)


async def hover(
    terminals: Terminals,
    otherwise: Callable[[types.HoverParams], Awaitable[types.Hover | None]],
    params: types.HoverParams,
) -> types.Hover | None:
    """What is known of the token at a position of a text of ours; every other document goes to `otherwise`."""
    uri, session = params.text_document.uri, terminals.session
    if not is_transcript(uri):
        return await otherwise(params)
    page = terminals.get(uri)
    if page is None or page.transcript is None:
        return None
    point = from_position(split_lines(page.transcript.text), params.position, session.encoding)
    finding = next(iter(session.index.within(page.uri, point, point)), None)
    if finding is None:
        return None
    setting = setting_of(session, Origin(page.uri, Surface.TERMINAL), "", finding)
    text = hover_text(finding, setting, time.time())
    return hover_of(session, text, terminals.view.range_of(page.uri, finding))


def transcript(terminals: Terminals, params: Any) -> dict[str, Any]:
    """The text under a uri, and its version; a text that says so where nothing is known, or no longer."""
    uri = params.get("uri") if isinstance(params, dict) else None
    page = terminals.get(uri) if isinstance(uri, str) else None
    if page is None or page.transcript is None:
        return {"text": GONE, "version": 0}
    return {"text": page.transcript.text, "version": page.version}
