"""A registry with the image `a:1`, which has no layer, for alice alone; and the clients that pull it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asking_server import AskingServer, asking_server
from certificates import new_certificate
from package_index import basic

PULLS = {
    "docker": ["docker", "--config", "FOLDER", "manifest", "inspect", "--insecure", "PLACE/a:1"],
    "skopeo": [
        *["skopeo", "copy", "--src-tls-verify=false", "--authfile", "FOLDER/FILE"],
        *["docker://PLACE/a:1", "dir:IMAGE"],
    ],
}
"""The commands that pull the image from PLACE by the login in a folder."""


@contextmanager
def image_registry(password: str, folder: Path) -> Iterator[AskingServer]:
    """Serve the registry; its certificate goes into a folder."""
    certificate = folder / "registry.pem"
    certificate.write_bytes(new_certificate("localhost"))
    right = basic(password)
    with asking_server(lambda _: _pages(), lambda sent: sent == right, certificate) as server:
        yield server


def _pages() -> dict[str, tuple[str, bytes]]:
    version = "application/vnd.docker.distribution.manifest.v2+json"
    config = b'{"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}'
    digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    kind = "application/vnd.docker.container.image.v1+json"
    described = {"mediaType": kind, "size": len(config), "digest": digest}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": version, "config": described, "layers": []})
    return {
        "/v2/": ("application/json", b"{}"),
        "/v2/a/manifests/1": (version, manifest.encode()),
        f"/v2/a/blobs/{digest}": (kind, config),
    }
