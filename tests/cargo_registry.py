"""A registry of cargo without packages, for those who have the token."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from asking_server import AskingServer, asking_server
from hostile import TOKEN


@contextmanager
def cargo_registry() -> Iterator[AskingServer]:
    """Serve the registry; its index is at `/index/`."""
    with asking_server(_pages, lambda sent: sent == TOKEN) as server:
        yield server


def _pages(url: str) -> Mapping[str, tuple[str, str]]:
    config = {"dl": f"{url}/dl", "api": url, "auth-required": True}
    found = {"crates": [], "meta": {"total": 0}}
    return {
        "/index/config.json": ("application/json", json.dumps(config)),
        "/api/v1/crates": ("application/json", json.dumps(found)),
    }
