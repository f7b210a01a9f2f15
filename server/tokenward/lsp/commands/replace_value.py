"""tokenward/tokens/replace: stores a new value in the place of a stored token's old one."""

from __future__ import annotations

import re
import time
from dataclasses import replace as with_fields
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.lsp.commands.check_and_revoke import offer_revocation
from tokenward.lsp.commands.rename_and_delete import stored_reference, workspace_of_stored
from tokenward.lsp.parts import Parts
from tokenward.model import Secret
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.stored.replace import replace
from tokenward.presentation import stored as words
from tokenward.presentation.leases import replaced_end

_SURROGATE = re.compile("[\ud800-\udfff]")
LARGEST = 1_000_000
"""Characters of a value; a larger one is not a token."""


async def replace_value(parts: Parts, params: Any) -> dict[str, str] | None:
    """Replace the value of a stored token once the user has confirmed, and offer to revoke the old one."""
    session, reference, secret = parts.session, stored_reference(params), _value(params)
    workspace = await workspace_of_stored(session, parts.vault.context(), reference)
    if not session.capabilities.asks:
        raise TokenwardError(words.cannot_ask(f"put {reference.name} --replace"))
    if not await session.choose(words.replace_question(reference), [words.REPLACE]):
        return None
    folder = workspace.folder
    done = await parts.vault.run(
        lambda context: replace(
            with_fields(context, settings=session.settings_of(folder)), folder, reference, secret
        )
    )
    if done is None:
        return None
    parts.tokens.check_now()
    terms = await session.in_scan_thread(partial(terms_of, parts.vault.context(), [reference]))
    end = replaced_end(reference, terms[reference], time.time())
    text = f"{words.replaced(reference, is_new=done.is_new)} {end}".rstrip()
    session.show_message(text, types.MessageType.Info)
    if done.old is not None:
        await offer_revocation(parts, workspace, reference, done.old)
    return {"reference": str(reference)}


def _value(params: Any) -> Secret:
    """Return the value in a request.

    Raises:
        TokenwardError: no value could be stored.
    """
    value = params.get("value") if isinstance(params, dict) else None
    # Half a character can be neither stored nor fingerprinted.
    if isinstance(value, str) and 0 < len(value) <= LARGEST and not _SURROGATE.search(value):
        return Secret(value)
    raise TokenwardError("The new value is empty, too large, or not text; nothing was changed.")
