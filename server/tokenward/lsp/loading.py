"""Loads in other threads what the first diagnostics need not wait for, and the rules, which they do wait for."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import Future
from importlib import import_module
from inspect import isawaitable
from threading import Thread
from typing import Any

from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.places import Places
from tokenward.sources.malloc import limit_retained_memory

_handlers: dict[tuple[str, str], Callable[..., Any] | None] = {}
"""The handlers that are loaded late, each by its module and name; None for those that are not loaded yet."""


def later(module: str, name: str) -> Callable[..., Any]:
    """Return a handler that loads its module, one of ours, off the event loop, if `load_handlers` has not done it."""
    key = f"tokenward.lsp.{module}", name
    _handlers.setdefault(key)

    async def handler(*arguments: Any) -> Any:
        known = _handlers[key]
        work = await asyncio.to_thread(_load, *key) if known is None else known
        result = work(*arguments)
        return await result if isawaitable(result) else result

    return handler


def load_handlers() -> None:
    """Load every handler, so that the first request for one need not wait; collections skip what exists then."""
    for key in _handlers:
        _load(*key)
    gc.freeze()


def _load(module: str, name: str) -> Callable[..., Any]:
    handler: Callable[..., Any] = getattr(import_module(module), name)
    _handlers[module, name] = handler
    return handler


class LoadingScanner(Future[Scanner]):
    """The scanner, or the error that prevents it.

    Attributes:
        is_compiling: its rules are being compiled, which takes seconds.
    """

    is_compiling = False


def load_scanner(places: Places) -> LoadingScanner:
    """Start to load the scanner."""
    future = LoadingScanner()

    def announce() -> None:
        future.is_compiling = True

    def load() -> None:
        try:
            detector = Detector(places.rules_cache, announce)
            detector.load()
            future.set_result(Scanner(detector, Fingerprinter(load_key(places.fingerprint_key))))
        except Exception as error:  # noqa: BLE001 - shown to the user once there is one
            future.set_exception(error)
        finally:
            limit_retained_memory()

    Thread(target=load, name="tokenward-rules", daemon=True).start()
    return future
