"""KeptByEditor: the vault of a command whose user's tokens are kept by their editor."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.sockets.client import ARE_POSSIBLE, LARGEST_MESSAGE, knock
from tokenward.custody.sockets.registry import Door, doors_of, remove_dead
from tokenward.errors import ApprovalUnavailable, TokenwardError, VaultError, VaultTimeout, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.operations.approval.approval import Question
from tokenward.operations.approval.ask_editor import PATIENCE, failure_of, too_many_tokens
from tokenward.operations.approval.messages import MOST_TOKENS, Refusal
from tokenward.operations.editor_vault.messages import (
    LARGEST_ANSWER,
    MAY_HAVE_VALUES,
    Done,
    Outcome,
    Work,
    read_outcome,
    written,
)
from tokenward.operations.use import Purpose, Use
from tokenward.vault.editor_vault import DESCRIPTION

QUIET_SECONDS = 1.0
"""How long nothing is said of waiting."""

WAITING_FOR_EDITOR = "Waiting for the editor that keeps your tokens; it may show a question."
OPEN_EDITOR = (
    "open this folder in VS Code with Tokenward, or make an encrypted file by `tokenward vault init --file` and store "
    "it there."
)
NO_DOORS = "no command can ask that on Windows, so use it there."
ONLY_IN_EDITOR = "it gives nothing for this to a command, so do it there."
NOT_SAID = "it did not say whether that was done, so try again; what is done already is not done twice."
NOT_UNDERSTOOD = (
    "what it answered was not understood, so restart it; it may run another version of Tokenward."
)


@dataclass(frozen=True, slots=True)
class KeptByEditor:
    """Asks the running server, which looks at bindings and leases itself; this process has no say in that.

    Attributes:
        records: where running servers tell of their doors.
        folder: the workspace.
        tell: takes a sentence for whoever waits.
    """

    records: Path
    folder: Path
    tell: Callable[[str], None]

    @property
    def description(self) -> str:
        return DESCRIPTION

    def values(self, folder: Path, references: Collection[Reference], use: Use) -> Mapping[Reference, Secret]:
        """Return the values of all references, for a use that the server allows.

        Raises:
            TokenwardError: one of them cannot be had.
        """
        if use.purpose not in MAY_HAVE_VALUES:
            raise VaultUnavailable(kept_by_editor(_names(references), ONLY_IN_EDITOR))
        wanted = tuple(references)
        given = self._done(Work.VALUES, _question(folder, wanted, use)).values
        if given.keys() != set(wanted):
            raise VaultUnavailable(kept_by_editor(_names(references), NOT_UNDERSTOOD))
        return given

    def get(self, reference: Reference) -> Secret | None:
        """Nothing is given without a use that somebody could say yes or no to."""
        raise VaultUnavailable(kept_by_editor(str(reference), ONLY_IN_EDITOR))

    def put(self, reference: Reference, secret: Secret) -> bool:
        return self._done(Work.PUT, self._about(reference), secret).changed

    def delete(self, reference: Reference) -> bool:
        return self._done(Work.DELETE, self._about(reference)).changed

    def keep(self, reference: Reference, *, lasting: bool) -> bool:  # noqa: ARG002 - a Vault's
        return False

    def why_not(self) -> str:
        """Return why nothing can be had now, and what to do; empty when there is somebody to ask."""
        if not ARE_POSSIBLE:
            return kept_by_editor("What is stored", NO_DOORS)
        found = doors_of(self.records, Path(os.path.realpath(self.folder)))
        return "" if found else kept_by_editor("What is stored", OPEN_EDITOR)

    def _about(self, reference: Reference) -> Question:
        return _question(self.folder, (reference,), Use.own(Purpose.REMOVE))

    def _done(self, work: Work, question: Question, value: Secret | None = None) -> Done:
        """What came of an errand at the nearest editor that keeps tokens."""
        if not ARE_POSSIBLE:
            raise VaultUnavailable(kept_by_editor(_names(question.references), NO_DOORS))
        message = _line(work, question, value)
        for door in doors_of(self.records, question.folder):
            with self._patience():
                outcome = _outcome(door, message)
            if isinstance(outcome, Done):
                return outcome
            failure = outcome if isinstance(outcome, TokenwardError) else failure_of(outcome or Refusal.MUTE)
            if failure is not None:
                raise failure
            if outcome is None and work is not Work.VALUES:
                # By this a move knows that the value may have been kept all the same; another editor would have it too.
                raise VaultTimeout(kept_by_editor(_names(question.references), NOT_SAID))
        remove_dead(self.records)
        raise VaultUnavailable(kept_by_editor(_names(question.references), OPEN_EDITOR))

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Say that there is something to wait for, if there is."""
        timer = threading.Timer(QUIET_SECONDS, self.tell, (WAITING_FOR_EDITOR,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _question(folder: Path, references: tuple[Reference, ...], use: Use) -> Question:
    real = Path(os.path.realpath(folder))
    return Question(real, references, use.purpose.value, use.caller, use.program, use.command, can_last=False)


def _line(work: Work, question: Question, value: Secret | None) -> bytes:
    if len(question.references) > MOST_TOKENS:
        raise ApprovalUnavailable(too_many_tokens(MOST_TOKENS))
    message = written(work, question, value)
    if len(message) >= LARGEST_MESSAGE:
        raise VaultError(
            f"What is asked for {_names(question.references)} is more than {LARGEST_MESSAGE:,} bytes, and the editor "
            "takes no more at once; store it in the editor, or ask for fewer tokens."
        )
    return message


def _outcome(door: Door, message: bytes) -> Outcome | None:
    """What a server says; None when it heard the errand, maybe, and said nothing that can be read."""
    try:
        return read_outcome(knock(door, message, PATIENCE, LARGEST_ANSWER))
    except (FileNotFoundError, ConnectionRefusedError, PermissionError, BlockingIOError):
        return Refusal.MUTE
    except (OSError, ValueError):
        return None


def _names(references: Collection[Reference]) -> str:
    first = next(iter(references))
    return str(first) if len(references) == 1 else f"{first} and {len(references) - 1} more"


def kept_by_editor(what: str, remedy: str) -> str:
    """What is said where a command cannot have what the editor keeps; the remedy is one of the texts above."""
    return f"{what} is kept by the editor; {remedy}"
