"""Writes the catalog of this checkout as JSON, which packages bring: commands that a shell waits for read it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

from tokenward.catalog.rows import FOLDER, read

KINDS = ("agents", "tools")


def compile_catalog() -> list[Path]:
    """Return the files, once they are up to date."""
    written = []
    for kind in KINDS:
        path = FOLDER / f"{kind}.json"
        path.write_text(json.dumps(read(kind), ensure_ascii=False), "utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    compile_catalog()
