"""fixtures/sample-workspace with tokens in place of the makers' names, such as `@github@`, in the tracked files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import tokens

TEMPLATE = Path(__file__).parent.parent / "fixtures" / "sample-workspace"

_PLACE = re.compile(r"@([a-z-]+)@")


def make(folder: Path, seed: object = 0) -> dict[str, str]:
    """Write a filled copy of the sample workspace to a folder; return its tokens by the name of their maker."""
    shutil.copytree(TEMPLATE, folder)
    made: dict[str, str] = {}

    def token(place: re.Match[str]) -> str:
        return made.setdefault(place[1], tokens.ONE_LINE_MAKERS[place[1]](seed))

    for path in files(folder):
        path.write_text(_PLACE.sub(token, path.read_text("utf-8")), "utf-8")
    return made


def files(folder: Path) -> list[Path]:
    """Return the files of a workspace, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
