"""Wraps every handler: shows expected failures, and logs the type and place of unexpected ones."""

from __future__ import annotations

import inspect
import logging
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from lsprotocol.types import LSPErrorCodes
from pygls.exceptions import JsonRpcException

from tokenward.errors import TokenwardError

log = logging.getLogger("tokenward.lsp")


def guard(handler: Callable[..., Any], show: Callable[[str], None]) -> Callable[..., Any]:
    """Return a handler that raises only RequestFailed; after any other failure, it reports and answers null."""
    if inspect.iscoroutinefunction(handler):

        async def guarded_async(params: Any) -> Any:
            try:
                return await handler(params)
            except RequestFailed:
                raise
            except Exception as error:  # noqa: BLE001 - a value in the text of one must not reach the client
                report(error, show)
                return None

        return guarded_async

    def guarded(params: Any) -> Any:
        try:
            return handler(params)
        except Exception as error:  # noqa: BLE001 - a value in the text of one must not reach the client
            report(error, show)
            return None

    return guarded


def failing(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler whose request fails with the text of an expected failure, or the type of any other."""

    async def answered(*arguments: Any) -> Any:
        try:
            return await handler(*arguments)
        except TokenwardError as error:
            raise RequestFailed(str(error)) from None
        except Exception as error:  # noqa: BLE001 - a value in the text of one must not reach the client
            report(error, log.error)
            raise RequestFailed(
                f"Tokenward failed unexpectedly ({type(error).__name__}); see its log."
            ) from None

    return answered


class RequestFailed(JsonRpcException):
    """The answer to a failed request; its text is for the user."""

    CODE = int(LSPErrorCodes.RequestFailed)


def report(error: BaseException, show: Callable[[str], None]) -> None:
    """Show an expected failure; log the type and place of any other, whose text may contain a value."""
    if isinstance(error, TokenwardError):
        show(str(error))
        return
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"
    log.error("unexpected %s at %s", type(error).__name__, place)
