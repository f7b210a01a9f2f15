"""The text that tells of one command of a terminal, and its state."""

from __future__ import annotations

from pathlib import Path

from tokenward.model import Fingerprint
from tokenward.operations.terminal.output import Heading, PrintedToken
from tokenward.presentation.transcript import Transcript, transcript


class Page:
    """What is told of one command.

    Attributes:
        uri: under which the client gets the text.
        cwd: where the command was started, if that is known.
        heading: what was run.
        printed: the tokens.
        note: why the rest of the output is not looked at; None when it is.
        transcript: the text as it is now; None when there is nothing to tell.
        version: another one for another text.
        has_values: the tokens' values were seen, and are kept for a while.
    """

    def __init__(self, uri: str, cwd: Path | None, heading: Heading, *, has_values: bool) -> None:
        self.uri = uri
        self.cwd = cwd
        self.heading = heading
        self.printed: list[PrintedToken] = []
        self.note: str | None = None
        self.transcript: Transcript | None = None
        self.version = 0
        self.has_values = has_values
        self._forgotten: set[Fingerprint] = set()

    def forget(self, fingerprint: Fingerprint) -> None:
        """Tell no longer of a token, whatever comes."""
        self._forgotten.add(fingerprint)
        self.tell(self.printed)

    def tell(self, printed: list[PrintedToken]) -> None:
        """Tell of these tokens from now on, but for those that are to be forgotten."""
        self.printed = [one for one in printed if one.fingerprint not in self._forgotten]

    def compose(self) -> bool:
        """Write the text anew; whether it has changed."""
        before = self.transcript
        self.transcript = transcript(self.heading, self.printed, self.note) if self.printed else None
        is_new = self.transcript != before
        self.version += is_new
        return is_new
