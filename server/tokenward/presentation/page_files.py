"""Where the page of a rule lies on this machine; a page on the web would tell others what was found."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tokenward.detection.rules.providers import provider_of

INDEX = "index.md"
"""The page that lists the others."""
_PACKAGE = Path(__file__).resolve().parent.parent
_FOLDERS = (_PACKAGE / "rule_pages", _PACKAGE.parent.parent / "docs" / "rules")
"""In an installed package, and in a checkout."""
_KNOWN_BY_US = ("betterleaks.", "veles.", "tokenward.")


def file_name(provider: str) -> str:
    """The file of a provider's page."""
    return f"{re.sub(r'[^a-z0-9]+', '-', provider.lower()).strip('-') or 'unknown'}.md"


@cache
def page_of(rule: str) -> str | None:
    """The `file:` URI of a rule's page; None for a rule that has none, such as a user's own."""
    page = _PAGES.get(file_name(provider_of(rule).name))
    return page if page and rule.startswith(_KNOWN_BY_US) else None


def _pages() -> dict[str, str]:
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), None)
    return {path.name: path.as_uri() for path in folder.glob("*.md")} if folder else {}


# Read when this is imported, for a server must not look at a disk later.
_PAGES = _pages()
