"""A page of HTML that holds all it needs: no script, nothing that is fetched, and no text that could be a tag."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias
from xml.etree.ElementTree import Element, tostring

from tokenward.places import shown

Child: TypeAlias = "str | Element"

_STYLE = Path(__file__).with_suffix(".css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def element(tag: str, attributes: Mapping[str, str] | str, *children: Child) -> Element:
    """An element; its attributes may be its class alone.

    Every text is taken for text, and what is not printable in it is replaced: it comes from strangers.
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
    """A whole page, which looks like all of ours, in light and in dark, on a screen and on paper.

    Args:
        title: of the page.
        content: what is on it.
        style: what it needs of style beyond that of all pages; no text of a stranger's.
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
    page = element("html", {"lang": "en"}, head, element("body", "", element("main", "", *content)))
    return f"<!doctype html>\n{tostring(page, encoding='unicode', method='html')}\n"


@cache
def page_style() -> str:
    """The style sheet of all pages."""
    return _STYLE.read_text("utf-8")
