"""fixtures/access-logs filled with what logs call a token; the tracked files hold only `@hash@` and its like."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "fixtures" / "access-logs"


def hashed(value: str) -> str:
    """As GitHub's audit log has it."""
    return base64.b64encode(sha256(value.encode()).digest()).decode()


def make(folder: Path, name: str, value: str = "") -> Path:
    """A filled copy of a log in a folder."""
    text = TEMPLATES.joinpath(name).read_text("utf-8")
    names = {"hash": hashed(value), "hex": sha256(value.encode()).hexdigest(), "key-id": value}
    for place, written in names.items():
        text = text.replace(f"@{place}@", written)
    path = folder / name
    path.write_text(text, "utf-8")
    return path
