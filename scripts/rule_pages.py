"""Generates docs/rules/, a page for each provider, from the rules and providers.toml; `make rule-pages` calls it."""

from __future__ import annotations

import tempfile
from itertools import chain
from pathlib import Path

from tokenward.detection.engine import Detector
from tokenward.presentation.rule_page import rule_pages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        scanners = Detector(Path(cache)).load().all
        rules = chain.from_iterable(scanner.rules.metadata() for scanner in scanners)
        pages = rule_pages((rule["id"], rule["name"]) for rule in rules)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")
    print(f"Wrote {len(pages)} pages to docs/rules.")


if __name__ == "__main__":
    main()
