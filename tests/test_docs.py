"""Links in tracked pages resolve, and the index lists every page."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from test_house import FILES, PACKAGE, ROOT

DOCS = ROOT / "docs"
PAGES = [path for path in FILES if path.suffix == ".md"]


def prose(path: Path) -> str:
    """Return the text of a page without its code."""
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^    .*$|`[^`\n]*\]\([^`\n]*`", "", text, flags=re.MULTILINE)


def links(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the anchor of each relative link."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if not re.match(r"[a-z]+:", target):
            file, _, anchor = target.partition("#")
            yield (path.parent / file).resolve() if file else path, anchor


@functools.cache
def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_relative_link_resolves() -> None:
    broken = [
        f"{page}: {file}#{anchor}"
        for page in PAGES
        for file, anchor in links(page)
        if not file.exists() or (anchor and anchor not in anchors(file))
    ]
    assert broken == []


def test_the_index_lists_every_page_once() -> None:
    listed = [file for file, _ in links(DOCS / "README.md") if file.is_relative_to(DOCS)]
    pages = {path for path in PAGES if path.is_relative_to(DOCS)}
    assert sorted(listed) == sorted(pages - {DOCS / "README.md"})


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_file_that_a_contributor_is_sent_to_exists(page: str) -> None:
    """Look up each path below the package, the checkout and docs/, and a sub-folder also below its row's folder."""
    parent, missing = "", []
    for line in (ROOT / page).read_text("utf-8").splitlines():
        row = re.match(r"\| `([\w-]+/)` ", line)
        parent = row[1] if row else ""
        for path in re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", line):
            if path == "dist/" or not path.endswith(("/", ".py", ".ts", ".toml")):
                continue
            if not any((root / path).exists() for root in (ROOT, PACKAGE, PACKAGE / parent, ROOT / "docs")):
                missing.append(path)
    assert missing == []
