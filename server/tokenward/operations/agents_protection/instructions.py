"""Finds tokens in the files that agents read at their start, which agents without a hook for prompts send unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from tokenward.detection.custom.workspace import LocalRules
from tokenward.errors import EditRefused
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.sources.editable_file import read_text

_PATTERNS = (
    "AGENTS.md", "CLAUDE.md", "GEMINI.md", ".goosehints", ".rules", ".windsurfrules",
    ".junie/guidelines.md", ".clinerules/*.md", ".kiro/steering/*.md", ".amazonq/rules/*.md",
    ".windsurf/rules/*.md", ".agents/rules/*.md",
)  # fmt: skip
_MOST_FILES = 100


def exposed_instructions(
    roots: SearchRoots, load_scanner: Callable[[], Scanner]
) -> Iterator[tuple[Path, str]]:
    """Yield each file of instructions in the workspace that holds tokens, with the label of the first.

    The rules are loaded only if there is a file. One that cannot be read, or takes too long to search, is left out.
    """
    folder = roots.workspace
    found = (path for pattern in _PATTERNS for path in folder.glob(pattern)) if folder else ()
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
