"""A registry of npm with one package, `demo`, for those who have the token."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from asking_server import AskingServer, asking_server

_PACKAGE = {"name": "demo", "version": "1.0.0"}


@contextmanager
def npm_registry(token: str) -> Iterator[AskingServer]:
    """Serve the registry."""
    with asking_server(_pages, lambda sent: sent == f"Bearer {token}") as server:
        yield server


def _pages(url: str) -> Mapping[str, tuple[str, str | bytes]]:
    version = {**_PACKAGE, "dist": {"tarball": f"{url}/demo.tgz"}}
    found = {"name": "demo", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
    return {
        "/demo": ("application/json", json.dumps(found)),
        "/demo.tgz": ("application/octet-stream", _tarball()),
    }


def _tarball() -> bytes:
    content, package = io.BytesIO(), json.dumps(_PACKAGE).encode()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/package.json")
        member.size = len(package)
        archive.addfile(member, io.BytesIO(package))
    return content.getvalue()
