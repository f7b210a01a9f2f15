"""look_ups: how the code of a workspace looks up a token that was stored by hand."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

from tokenward.operations.scan.scan import walk_choice
from tokenward.rewriting.look_up_hints import look_up_hints
from tokenward.settings import Settings
from tokenward.sources.candidate import Candidate
from tokenward.sources.walk.walk import walk

MOST_FILES = 2_000
"""The most files by whose names the languages are found."""
SECONDS = 1.0
_MOST_LANGUAGES = 3


def look_ups(folder: Path, settings: Settings, name: str) -> list[tuple[str, list[str]]]:
    """Return the look-ups of a variable in the most frequent languages of a folder, each with its files' suffixes."""
    until = time.monotonic() + SECONDS
    found = walk([folder], walk_choice(settings), lambda: time.monotonic() > until)
    paths = [one.path for one in islice(found, MOST_FILES) if isinstance(one, Candidate)]
    return look_up_hints(paths, name, _MOST_LANGUAGES)
