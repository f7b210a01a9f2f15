"""A self-contained HTML page: no script, no external resources, and no text that becomes a tag."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

from tokenward.language import said
from tokenward.places import shown

Child: TypeAlias = "str | Element"

_STYLE = Path(__file__).with_suffix(".css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def element(tag: str, attributes: Mapping[str, str] | str, *children: Child) -> Element:
    """Return an element; a string as attributes is its class.

    Text is escaped, and unprintable characters in it are replaced, because it may come from strangers.
    """
    named = {"class": attributes} if isinstance(attributes, str) else attributes
    made = Element(tag, {name: shown(value) for name, value in named.items() if value or name != "class"})
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + shown(child)
        else:
            last.tail = (last.tail or "") + shown(child)
    return made


def document(title: str, *content: Element, style: str = "") -> str:
    """Return a page in the common style, for light and dark screens and for paper.

    More CSS in `style` must not contain text from strangers.
    """
    sheet = Element("style")
    sheet.text = page_style() + style
    head = element(
        "head",
        "",
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "referrer", "content": "no-referrer"}),
        element("title", "", title),
        sheet,
    )
    page = element("html", {"lang": said("en")}, head, element("body", "", element("main", "", *content)))
    return f"<!doctype html>\n{tostring(page, encoding='unicode', method='html')}\n"


@cache
def page_style() -> str:
    """Return the style sheet of all pages."""
    return _STYLE.read_text("utf-8")
