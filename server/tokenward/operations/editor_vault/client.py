"""EditorVaultClient: the vault of a command whose user's tokens are stored by their editor."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.sockets.client import LARGEST_MESSAGE, send_request
from tokenward.custody.sockets.registry import SocketRecord, remove_dead, sockets_for
from tokenward.errors import ApprovalUnavailable, TokenwardError, VaultError, VaultTimeout, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.operations.approval.approval import ApprovalQuestion
from tokenward.operations.approval.ask_editor import PATIENCE, WAITING, failure_of, too_many_tokens
from tokenward.operations.approval.messages import MOST_TOKENS, Refusal
from tokenward.operations.editor_vault.messages import (
    LARGEST_ANSWER,
    MAY_HAVE_VALUES,
    VaultAction,
    VaultOutcome,
    VaultResponse,
    read_outcome,
    written,
)
from tokenward.operations.use import Purpose, Use
from tokenward.vault.editor_vault import DESCRIPTION
from tokenward.vault.vault import PutOutcome, one_by_one

QUIET_SECONDS = 1.0
"""Seconds of waiting before a notice is shown."""

WAITING_FOR_EDITOR = "Waiting for the editor that stores your tokens; it may show a question."
OPEN_EDITOR = (
    "open this folder in VS Code with Tokenward, or create an encrypted file with `tokenward vault init --file` and "
    "store it there."
)
ONLY_IN_EDITOR = "it returns no value to a command for this, so do it there."
NOT_SAID = "it did not say whether it did that, so try again; nothing is done twice."
NOT_UNDERSTOOD = "its answer was not understood, so restart it; it may run another version of Tokenward."


@dataclass(frozen=True, slots=True)
class EditorVaultClient:
    """Asks the running server, which checks bindings and leases itself; this process has no say in that.

    Attributes:
        records: the folder in which running servers record their sockets.
        notify: takes a sentence for the person who waits.
    """

    records: Path
    folder: Path
    notify: Callable[[str], None]

    @property
    def description(self) -> str:
        return DESCRIPTION

    def values(self, folder: Path, references: Collection[Reference], use: Use) -> Mapping[Reference, Secret]:
        """Return the values of all references, for a use that the server allows.

        Raises:
            TokenwardError: one of them is not available.
        """
        if use.purpose not in MAY_HAVE_VALUES:
            raise VaultUnavailable(stored_by_editor(_names(references), ONLY_IN_EDITOR))
        given = self._request(VaultAction.VALUES, _question(folder, tuple(references), use)).values
        if given.keys() != set(references):
            raise VaultUnavailable(stored_by_editor(_names(references), NOT_UNDERSTOOD))
        return given

    def get(self, reference: Reference) -> Secret | None:
        """Refuse, because the editor returns no value without a use that a person could approve."""
        raise VaultUnavailable(stored_by_editor(str(reference), ONLY_IN_EDITOR))

    def get_all(self, references: Sequence[Reference]) -> list[Secret | None]:
        return [self.get(reference) for reference in references]

    def put(self, reference: Reference, secret: Secret) -> bool:
        return self._request(VaultAction.PUT, self._about(reference), secret).changed

    def put_all(self, values: Sequence[tuple[Reference, Secret]]) -> list[PutOutcome]:
        return one_by_one(self.put, values)

    def replace(self, reference: Reference, secret: Secret) -> None:  # noqa: ARG002 - a Vault's
        """Refuse, because a replacement first reads the old value."""
        raise VaultUnavailable(stored_by_editor(str(reference), ONLY_IN_EDITOR))

    def delete(self, reference: Reference) -> bool:
        return self._request(VaultAction.DELETE, self._about(reference)).changed

    def references(self) -> None:
        return None

    def why_not(self) -> str:
        """Return why nothing is available now, and what to do; empty if there is an editor to ask."""
        found = sockets_for(self.records, Path(os.path.realpath(self.folder)))
        return "" if found else stored_by_editor("What is stored", OPEN_EDITOR)

    def _about(self, reference: Reference) -> ApprovalQuestion:
        return _question(self.folder, (reference,), Use.own(Purpose.REMOVE))

    def _request(
        self, action: VaultAction, question: ApprovalQuestion, value: Secret | None = None
    ) -> VaultResponse:
        """Return the response of the nearest editor that stores tokens."""
        message = _line(action, question, value)
        for socket in sockets_for(self.records, question.folder):
            with self._saying_that_it_waits():
                outcome = _outcome(socket, message)
            if isinstance(outcome, VaultResponse):
                return outcome
            failure = outcome if isinstance(outcome, TokenwardError) else failure_of(outcome or Refusal.MUTE)
            if failure is not None:
                raise failure
            if outcome is None and action is not VaultAction.VALUES:
                # Not retried, because the value may have been stored, and another editor would store it twice.
                raise VaultTimeout(stored_by_editor(_names(question.references), NOT_SAID))
        remove_dead(self.records)
        raise VaultUnavailable(stored_by_editor(_names(question.references), OPEN_EDITOR))

    @contextmanager
    def _saying_that_it_waits(self) -> Iterator[None]:
        """Notify the user after QUIET_SECONDS that the command is waiting."""
        timer = threading.Timer(QUIET_SECONDS, self.notify, (WAITING_FOR_EDITOR,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _question(folder: Path, references: tuple[Reference, ...], use: Use) -> ApprovalQuestion:
    real = Path(os.path.realpath(folder))
    about = (real, references, use.purpose.value)
    return ApprovalQuestion(*about, use.caller, use.program, use.command, can_last=False, reason=use.reason)


def _line(action: VaultAction, question: ApprovalQuestion, value: Secret | None) -> bytes:
    if len(question.references) > MOST_TOKENS:
        raise ApprovalUnavailable(too_many_tokens(MOST_TOKENS))
    message = written(action, question, value)
    if len(message) >= LARGEST_MESSAGE:
        raise VaultError(
            f"The request for {_names(question.references)} is larger than the {LARGEST_MESSAGE:,} bytes that the "
            "editor accepts at once; store the value in the editor, or request fewer tokens."
        )
    return message


def _outcome(socket: SocketRecord, message: bytes) -> VaultOutcome | None:
    """Return the answer of a server; None if it may have received the request but its answer cannot be read."""
    try:
        return read_outcome(send_request(socket, message, PATIENCE, LARGEST_ANSWER))
    except (FileNotFoundError, ConnectionRefusedError, PermissionError, BlockingIOError):
        return Refusal.MUTE
    except (OSError, ValueError):
        return None


def _names(references: Collection[Reference]) -> str:
    first = next(iter(references))
    return str(first) if len(references) == 1 else f"{first} and {len(references) - 1} more"


def stored_by_editor(what: str, remedy: str) -> str:
    """Return a sentence on what a command cannot get from the editor; the remedy is one of the texts above."""
    return f"{what} is stored by the editor; {remedy}"


def request_value(
    records: Path, folder: Path, reference: Reference, use: Use, notify: Callable[[str], None]
) -> bool:
    """Have a person enter the value of a token in the editor, which stores it; return whether it is new.

    Raises:
        TokenwardError: nothing was stored.
    """
    question = _question(folder, (reference,), use)
    found = sockets_for(records, question.folder)
    if found:
        notify(WAITING)
    for socket in found:
        try:
            outcome = read_outcome(send_request(socket, written(VaultAction.ENTER, question), PATIENCE))
        except (OSError, ValueError):
            continue
        if isinstance(outcome, TokenwardError):
            raise outcome
        failure = failure_of(outcome) if isinstance(outcome, Refusal) else None
        if failure is not None:
            raise failure
        if not isinstance(outcome, Refusal):
            return outcome.changed
    raise ApprovalUnavailable(
        f"No editor that has {folder.name} open can ask for the value of {reference.name}; ask the user to run "
        f"`tokenward put {reference.name}` in a terminal."
    )
