"""Finds tokens in the files that agents read at their start, which agents without a hook for prompts send unseen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path

from tokenward.catalog.instructions import instructions_of
from tokenward.detection.custom.workspace import LocalRules
from tokenward.errors import EditRefused
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.sources.editable_file import read_text

_MOST_FILES = 100


def exposed_instructions(
    roots: SearchRoots, dialects: Collection[str], load_scanner: Callable[[], Scanner]
) -> Iterator[tuple[Path, str]]:
    """Yield each file of some agents' instructions in the workspace that holds tokens, with the label of the first.

    The rules are loaded only if there is a file. One that cannot be read, or takes too long to search, is left out.
    """
    folder = roots.workspace
    groups = [group for name in dialects for group in instructions_of(name or "others").groups]
    entries = [entry for group in groups if group.place == "parents" for entry in group.files]
    patterns = {one for entry in entries for one in ([entry] if isinstance(entry, str) else entry)}
    named = sorted(one for one in patterns if not one.startswith("$"))
    found = (path for pattern in named for path in folder.glob(pattern)) if folder else ()
    for path in islice(found, _MOST_FILES):
        scanner = load_scanner()
        try:
            file = read_text(path)
            text = file.text if file else ""
            detected = scanner.detector.detect_all(
                text, path.name, local=LocalRules(), timeout=DOCUMENT_DEADLINE
            )
        except (EditRefused, TimeoutError):
            continue
        findings = scanner.findings(text, detected.found)
        if findings:
            yield path, findings[0].label
