"""TranscriptPage: the text that reports the tokens in a command's output, and its state."""

from __future__ import annotations

from pathlib import Path

from tokenward.model import Fingerprint
from tokenward.operations.terminal.output import Heading, PrintedToken
from tokenward.presentation.transcript import Transcript, transcript


class TranscriptPage:
    """The report on a command.

    Attributes:
        uri: the URI of the text.
        cwd: the command's working folder, if known.
        heading: the command, its terminal and folder.
        printed: the tokens.
        note: why the rest of the output is not scanned, if so.
        transcript: the current text; None if there is nothing to report.
        version: a number that changes with the text.
        has_values: the tokens' values were seen and are remembered for a while.
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
        """Never report a token again."""
        self._forgotten.add(fingerprint)
        self.set_printed(self.printed)

    def set_printed(self, printed: list[PrintedToken]) -> None:
        """Report these tokens from now on, except forgotten ones."""
        self.printed = [one for one in printed if one.fingerprint not in self._forgotten]

    def compose(self) -> bool:
        """Rebuild the text, and return whether it has changed."""
        before = self.transcript
        self.transcript = transcript(self.heading, self.printed, self.note) if self.printed else None
        is_new = self.transcript != before
        self.version += is_new
        return is_new
