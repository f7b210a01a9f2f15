"""A package index with one wheel, `demo`, for alice alone."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from asking_server import AskingServer, asking_server

WHEEL = "demo-1.0-py3-none-any.whl"
_FOLDER = "demo-1.0.dist-info"


def wheel() -> bytes:
    """Return the smallest wheel that pip installs."""
    files = {
        "demo.py": "",
        f"{_FOLDER}/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
        f"{_FOLDER}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{_FOLDER}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{_FOLDER}/RECORD"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def basic(password: str, user: str = "alice") -> str:
    """Return the header that the index wants."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@contextmanager
def package_index(password: str, user: str = "alice") -> Iterator[AskingServer]:
    """Serve the index at `/simple/` and take uploads at `/upload/`, for one user."""
    right = basic(password, user)
    page = ("text/html", f'<a href="/files/{WHEEL}">{WHEEL}</a>')
    pages: dict[str, tuple[str, str | bytes]] = {
        "/simple/demo/": page,
        f"/files/{WHEEL}": ("application/zip", wheel()),
        "/upload/": ("text/plain", "stored"),
    }
    with asking_server(lambda _: pages, lambda sent: sent == right) as server:
        yield server
