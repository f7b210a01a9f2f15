"""Round every handler: expected failures become a message, unexpected ones their type and place."""

from __future__ import annotations

import inspect
import logging
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from tokenward.errors import TokenwardError

log = logging.getLogger("tokenward.lsp")


def guard(handler: Callable[..., Any], tell: Callable[[str], None]) -> Callable[..., Any]:
    """A handler that never raises: `tell` shows an expected failure's sentence, and the answer is then null."""
    if inspect.iscoroutinefunction(handler):

        async def guarded_async(params: Any) -> Any:
            try:
                return await handler(params)
            except Exception as error:  # noqa: BLE001 - a value in the text of one must not reach the client
                report(error, tell)
                return None

        return guarded_async

    def guarded(params: Any) -> Any:
        try:
            return handler(params)
        except Exception as error:  # noqa: BLE001
            report(error, tell)
            return None

    return guarded


def report(error: BaseException, tell: Callable[[str], None]) -> None:
    """Show an expected failure; log the type and place of any other, whose text may hold a value."""
    if isinstance(error, TokenwardError):
        tell(str(error))
        return
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"
    log.error("unexpected %s at %s", type(error).__name__, place)
