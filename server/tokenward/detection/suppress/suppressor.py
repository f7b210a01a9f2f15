"""The interface of sources that may ignore a detection."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from tokenward.detection.rules.own_rules import GENERIC, catalog_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Secret, Span

COMMENT = "a comment"
CUSTOM = "custom."
"""The prefix of the ids of rules from gitleaks files."""
_GENERIC_OF_OTHERS = "generic-api-key"
_NAMESPACES = ("betterleaks.", CUSTOM, "kingfisher.", "tokenward.", "veles.secrets/")
_LONGEST_LINE = 2_048
_LONGEST_WINDOW = 4_096


@dataclass(frozen=True)
class IgnoreCandidate:
    """A detection that may be ignored.

    Attributes:
        secret: the whole token.
        matched: the span of the rule's own match, which may be shorter.
        path: relative to the workspace, with `/`.
        line: 0-based, of the token's first character in its file.
        commit: the full hash of the scanned commit; empty for files on the disk.
    """

    rule: str
    secret: Secret
    matched: Span
    text: str
    path: str
    line: int
    rule_regex: Callable[[], str]
    commit: str = ""

    @property
    def value(self) -> str:
        """Return the text of the rule's own match."""
        return self.text[self.matched.start : self.matched.end]

    @property
    def short_rule(self) -> str:
        """Return the rule's id in other scanners' spelling."""
        return short_rule(self.rule)

    @cached_property
    def source_line(self) -> str:
        """Return the lines of the token, shortened if they are very long."""
        before = self.text[max(0, self.matched.start - _LONGEST_LINE) : self.matched.start]
        after = self.text[self.matched.end : self.matched.end + _LONGEST_LINE]
        return before.rpartition("\n")[2] + self.value + after.partition("\n")[0]

    @property
    def window(self) -> tuple[str, Span]:
        """Return the text around the token, and the token's span in it."""
        start = max(0, self.matched.start - _LONGEST_WINDOW)
        text = self.text[start : self.matched.end + _LONGEST_WINDOW]
        return text, Span(self.matched.start - start, self.matched.end - start)


class IgnoreSource(Protocol):
    """A configuration that may ignore detections."""

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        """Return the source that ignores a candidate, as in `IgnoredDetection.by`, or None."""


def short_rule(rule: str) -> str:
    """Return a rule's id in other scanners' spelling, without the name of its catalog."""
    rule = _GENERIC_OF_OTHERS if rule == GENERIC else catalog_rule(rule)
    space = next((space for space in _NAMESPACES if rule.startswith(space)), "")
    return rule[len(space) :]
