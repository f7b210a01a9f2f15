"""What a command printed: its tokens, and where it ran."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.findings.excerpt import Excerpt
from tokenward.model import NO_CLAIMS, Claims, Fingerprint


@dataclass(frozen=True, slots=True)
class Printed:
    """A token that a command printed, or that stands in its command line; holds no value.

    Attributes:
        rule: the full id of the rule that matched.
        provider: whose token it is.
        label: what is shown in place of the value.
        fingerprint: tells equal values from different ones.
        whole: it is surely the whole token.
        claims: what the value says of itself.
        variable: what it would be called in the keyring.
        line: which line of the output it begins in, from 0; None for the command line.
        excerpt: what stands around it.
    """

    rule: str
    provider: str
    label: str
    fingerprint: Fingerprint
    whole: bool
    variable: str
    line: int | None
    excerpt: Excerpt
    claims: Claims = NO_CLAIMS


@dataclass(frozen=True, slots=True)
class Heading:
    """What was run, and where; every text is printable and holds no token.

    Attributes:
        command: the command line; empty when it is not known.
        terminal: what its user calls the terminal; may be empty.
        folder: where it was run; may be empty.
        exit_code: None while it runs, and when it is not known.
    """

    command: str = ""
    terminal: str = ""
    folder: str = ""
    exit_code: int | None = None
