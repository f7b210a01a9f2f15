"""The logs in fixtures/access-logs, with token identifiers in place of `@hash@` and other placeholders."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "fixtures" / "access-logs"


def hashed(value: str) -> str:
    """Return a token's hash as in GitHub's audit log."""
    return base64.b64encode(sha256(value.encode()).digest()).decode()


def make(folder: Path, name: str, value: str = "") -> Path:
    """Write a filled copy of a log into a folder and return its path."""
    text = TEMPLATES.joinpath(name).read_text("utf-8")
    names = {"hash": hashed(value), "hex": sha256(value.encode()).hexdigest(), "key-id": value}
    for place, written in names.items():
        text = text.replace(f"@{place}@", written)
    path = folder / name
    path.write_text(text, "utf-8")
    return path
