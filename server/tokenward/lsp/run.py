"""Runs the server over stdio, or over TCP on the loopback interface."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from tokenward.errors import SettingsError
from tokenward.lsp.loading import load_scanner
from tokenward.places import Places
from tokenward.sources.malloc import allocate_quickly

if TYPE_CHECKING:
    from tokenward.lsp.client.protocol import TokenwardServer

SWITCH_SECONDS = 0.0005
"""Seconds for which a thread that loads or scans may keep the event loop waiting; Python's own 0.005 add up, as a key
waits for several threads in turn."""


def serve_stdio(places: Places) -> None:
    """Serve a client over stdin and stdout until it disconnects."""
    _log_to_stderr()
    _create(places).serve_input()


def serve_tcp(places: Places, address: str) -> None:
    """Serve a client over TCP at `HOST:PORT`, where HOST is this machine.

    Raises:
        SettingsError: the address is not on the loopback interface.
    """
    host, _, port = address.rpartition(":")
    if not _is_loopback(host) or not port.isdecimal() or int(port) > 65535:
        raise SettingsError(
            "The server listens on this machine only; give an address such as 127.0.0.1:2087."
        )
    _log_to_stderr()
    server = _create(places)
    asyncio.run(server.serve_one(host.strip("[]"), int(port)))


def _create(places: Places) -> TokenwardServer:
    sys.setswitchinterval(SWITCH_SECONDS)
    allocate_quickly()
    scanner = load_scanner(places)
    # Imported while the rules load in their thread, because the two take most of the start.
    import_types()
    # Its thousands of objects all stay, so that no collection has to visit them; what its import left would stay too.
    gc.collect()
    gc.freeze()
    from tokenward.lsp.server import create_server  # noqa: PLC0415

    return create_server(places, scanner)


def import_types() -> None:
    """Import the types of the protocol in half the time: no functions are compiled that compare and show each."""
    define = attrs.define
    attrs.define = partial(define, eq=False, repr=False, slots=False)
    try:
        from lsprotocol import types  # noqa: PLC0415
    finally:
        attrs.define = define
    kinds: list[Any] = [kind for kind in types.ALL_TYPES_MAP.values() if hasattr(kind, "__attrs_attrs__")]
    for kind in kinds:
        names, used = kind.__init__.__globals__, kind.__init__.__code__.co_names
        # Each has a copy of the module's names, 10 kB.
        if names is not vars(types):
            kept = {name: names[name] for name in used if name in names}
            names.clear()
            names.update(kept)
        if kind.__eq__ is object.__eq__:
            kind.__eq__, kind.__hash__ = _equals, None
        if kind.__repr__ is object.__repr__:
            kind.__repr__ = _show


def _equals(self: object, other: object) -> bool:
    return vars(self) == vars(other) if other.__class__ is self.__class__ else NotImplemented


def _show(self: object) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
    return f"{self.__class__.__qualname__}({shown})"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING
    )
    # pygls logs whole messages, which contain the texts of documents.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
