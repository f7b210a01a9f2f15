"""Facts: what a decision about an agent's event depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tokenward.records import dataclass


@dataclass(frozen=True, slots=True)
class SeenToken:
    """A token in a text.

    Attributes:
        label: what it is, without its value.
        reference: under which it is stored; empty if it is not.
        name: a name for it; empty if none is known.
    """

    label: str
    reference: str = ""
    name: str = ""


class Facts(Protocol):
    """Answers what a decision depends on. Any method may raise; nothing is allowed then."""

    def tokens(self, text: str, name: str = "") -> Sequence[SeenToken]:
        """Return the tokens in a text, stored ones in any known encoding too; `name` is its file."""

    def masked(self, text: str, name: str = "") -> str:
        """Return the text with every token masked; the same text if it holds no token."""

    def referenced(self, text: str, *, by_name: bool = False) -> str:
        """Return the text with each stored token replaced by its reference, and others masked or replaced by a name."""

    def exposed(self, path: str, folder: str) -> Sequence[SeenToken]:
        """Return the tokens in a file, or in the file at the other end of a link."""

    def imported(self, folder: str) -> Sequence[tuple[str, SeenToken]]:
        """Return the tokens in the files that an agent reads by itself there, each with its file."""

    def guarded(self, path: str, folder: str) -> bool:
        """Return whether a path is a file of the guard, a folder of them, or leads to one."""

    def names_guard(self, line: str, folder: str) -> bool:
        """Return whether a command line names such a file."""

    def is_installed(self, path: str) -> bool:
        """Return whether an agent's settings still have our hook."""

    def masked_command(self, line: str, *, succeeds: bool = False) -> str | None:
        """Return the line that runs a command masked, and never fails if it has to; None if this system cannot."""

    def is_parsed(self, line: str) -> bool:
        """Return whether the shell takes a line as a whole command."""

    def is_ruled(self, line: str, folder: str) -> bool:
        """Return whether the user's own rules for commands may be about a line."""

    def takes_reference(self, path: str) -> bool:
        """Return whether a bare reference works in a file."""
