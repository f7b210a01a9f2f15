"""Writes the catalog of this checkout as JSON, which packages bring: commands that a shell waits for read it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

from tokenward.catalog.rows import FOLDER, read

KINDS = ("agents", "tools")


def compile_catalog() -> list[Path]:
    """Return the files, once they are up to date."""
    return [_written(FOLDER / f"{kind}.json", json.dumps(read(kind), ensure_ascii=False)) for kind in KINDS]


def _written(path: Path, text: str) -> Path:
    """Bring a file up to date; a test that builds a package must not disturb others, which read it."""
    if not path.is_file() or path.read_text("utf-8") != text:
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(text, "utf-8")
        new.replace(path)
    path.touch()
    return path


if __name__ == "__main__":
    compile_catalog()
