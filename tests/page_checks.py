"""A strict HTML reader, and checks for content that no page of ours may hold."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "footer"),
    *("h1", "h2", "h3", "p", "ul", "li", "dl", "dt", "dd", "div", "span", "bdi", "code", "strong", "br", "a"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "rect"),
}
ATTRIBUTES = {
    *("class", "id", "role", "lang", "charset", "http-equiv", "content", "name", "href", "rel", "scope"),
    *("aria-label", "aria-hidden", "data-column", "x", "y", "width", "height"),
}


class Page(HTMLParser):
    """The content of an HTML page.

    Attributes:
        tags: each element with its attributes, in order.
        texts: each text with its enclosing elements.
        faults: the places that are not well formed.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults.append(f"<{tag}/> is no HTML")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes nothing")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((tuple(self._open), data))

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_pi(self, data: str) -> None:
        self.faults.append("a processing instruction")

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in tags]

    @property
    def structure(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return everything except the texts and the lengths of bars."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.tags]

    @property
    def words(self) -> str:
        return "\n".join(text for tags, text in self.texts if "style" not in tags)


def unsafe(page: Page) -> list[str]:
    """Return everything that could run, fetch or send something, or is not known to be harmless."""
    found = [f"<{tag}>" for tag, _ in page.tags if tag not in TAGS]
    for tag, attributes in page.tags:
        found += [f"{tag} {name}" for name in attributes if name not in ATTRIBUTES]
        address = attributes.get("href", "")
        if address and not (tag == "a" and address.startswith("https://")):
            found.append(f"{tag} {address}")
    style = "".join(text for tags, text in page.texts if "style" in tags)
    found += re.findall(r"@import|url\(|expression\(", style)
    policies = [
        tag["content"] for tag in page.all("meta") if tag.get("http-equiv") == "Content-Security-Policy"
    ]
    if len(policies) != 1 or not policies[0].startswith("default-src 'none';"):
        found.append("no policy")
    return found


def unclear(page: Page) -> list[str]:
    """Return everything that is inaccessible without seeing the page, or with the keyboard alone."""
    found = [] if page.all("html")[0].get("lang") else ["no language"]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    found += [f"id {name} twice" for name in set(ids) if ids.count(name) > 1]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    if levels[0] != 1 or levels.count(1) != 1:
        found.append("not one h1, and that first")
    found += [f"h{after} after h{level}" for level, after in itertools.pairwise(levels) if after > level + 1]
    for attributes in page.all("svg"):
        is_told = attributes.get("role") == "img" and attributes.get("aria-label")
        if not (is_told or attributes.get("aria-hidden") == "true"):
            found.append("a drawing without a text")
    if len(page.all("table")) != len(page.all("caption")):
        found.append("a table without a caption")
    found += [f"th without a scope: {th}" for th in page.all("th") if not th.get("scope")]
    return found


_COLOUR = re.compile(r"--([\w-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)")


def colours(style: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the named colours of a style sheet, for light and dark."""
    found = _COLOUR.findall(style)
    return {name: light for name, light, _ in found}, {name: dark for name, _, dark in found}


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
