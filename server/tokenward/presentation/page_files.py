"""The local page of each rule; a page on the web would reveal the finding to others."""

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
    """Return the file name of a provider's page."""
    return f"{re.sub(r'[^a-z0-9]+', '-', provider.lower()).strip('-') or 'unknown'}.md"


@cache
def page_of(rule: str) -> str | None:
    """Return the `file:` URI of a rule's page; None for a rule without one, such as a user's own."""
    page = _PAGES.get(file_name(provider_of(rule).name))
    return page if page and rule.startswith(_KNOWN_BY_US) else None


# Read at import, because the server must not access the disk later.
_FOLDER = next((folder for folder in _FOLDERS if folder.is_dir()), None)
_PAGES = {path.name: path.as_uri() for path in _FOLDER.glob("*.md")} if _FOLDER else {}
