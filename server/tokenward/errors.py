r"""The tree of named failures.

Each says in one sentence what went wrong, where, and what to do next; none ever contains a token.

    TokenwardError
    ├── SettingsError, PersonNeeded, EngineUnusable, ConnectionBroken, GitFailed, BaselineUnusable
    ├── VaultError
    │   ├── VaultUnavailable, VaultLocked, VaultTimeout, VaultUntrusted, VaultForgetful, VaultDamaged
    │   └── PassphraseNeeded, PassphraseWrong, NameTaken
    ├── CustodyError
    │   ├── WorkspaceUnbound, WorkspaceElsewhere, EntryMissing, StateDamaged
    │   └── LeaseRefused
    │       ├── LeaseExpired, LeaseSpent, ProgramNotAllowed, StarterNotAllowed
    │       └── ApprovalDenied, AgentDenied, ApprovalUnavailable
    ├── RewriteRefused
    │   └── NoReader, NameClash, MovesAlong
    └── MoveError
        ├── TokenGone, DocumentChanged, MoveStopped, EditUncertain
        └── EditRefused
            └── FileChanged, EditDeclined
"""

from __future__ import annotations

from tokenward.language import said


class TokenwardError(Exception):
    """Base of all expected failures; `str()` of it is shown to the user, in the language of the editor.

    Args:
        text: a sentence, with the names of `values` in braces.
    """

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(said(text, **values))


class SettingsError(TokenwardError):
    """A settings file cannot be used."""


class PersonNeeded(TokenwardError):
    """A person must approve, but nobody can be asked here."""


class EngineUnusable(TokenwardError):
    """The detection engine does not load here."""


class ConnectionBroken(TokenwardError):
    """The editor's messages cannot be read any further."""


class GitFailed(TokenwardError):
    """Git cannot be started, or cannot read the repository."""


class BaselineUnusable(TokenwardError):
    """The file is not a baseline of a scan, or was made with another key."""


class VaultError(TokenwardError):
    """The vault refused, failed or is absent."""


class VaultUnavailable(VaultError):
    """There is no keyring here, or it cannot be reached."""


class VaultLocked(VaultError):
    """The keyring stayed locked."""


class VaultTimeout(VaultError):
    """The keyring did not answer in time."""


class VaultUntrusted(VaultError):
    """Tokenward does not trust the configured keyring backend with values."""


class VaultForgetful(VaultError):
    """The keyring accepted a value but did not return it."""


class VaultDamaged(VaultError):
    """The encrypted file was changed or truncated."""


class PassphraseNeeded(VaultError):
    """The encrypted file is locked and nobody could be asked for its passphrase."""


class PassphraseWrong(VaultError):
    """The passphrase or key does not open the encrypted file."""


class NameTaken(VaultError):
    """An entry of that name has another value."""


class CustodyError(TokenwardError):
    """The reference may not be resolved here."""


class WorkspaceUnbound(CustodyError):
    """The reference's workspace belongs to no folder on this machine."""


class WorkspaceElsewhere(CustodyError):
    """The reference's workspace belongs to another folder."""


class EntryMissing(CustodyError):
    """The keyring has nothing under the reference."""


class LeaseRefused(CustodyError):
    """The token's lease does not allow this use."""


class LeaseExpired(LeaseRefused):
    """The lease's time or session has ended."""


class LeaseSpent(LeaseRefused):
    """The lease has no uses left."""


class ProgramNotAllowed(LeaseRefused):
    """The lease is for other programs."""


class StarterNotAllowed(LeaseRefused):
    """The lease is for what a person, or other services, start."""


class ApprovalDenied(LeaseRefused):
    """A person was asked and said no."""


class AgentDenied(LeaseRefused):
    """An AI agent asked for a token, and the settings or its own session rule that out."""


class ApprovalUnavailable(LeaseRefused):
    """A person must approve, and nobody could be asked."""


class StateDamaged(CustodyError):
    """Tokenward's own records cannot be read or written."""


class RewriteRefused(TokenwardError):
    """The literal cannot be replaced without changing what the file means."""


class NoReader(RewriteRefused):
    """No program is known that would look up a variable in the file."""


class NameClash(RewriteRefused):
    """The file uses the variable's name for something else; another name may do."""


class MovesAlong(RewriteRefused):
    """The text is no secret, and becomes a part of what a move of the token on the next line leaves."""


class MoveError(TokenwardError):
    """A move stopped; the value is still where it was."""


class TokenGone(MoveError):
    """The token is no longer where it was found."""


class DocumentChanged(MoveError):
    """The document is no longer at the version for which the action was made."""


class EditRefused(MoveError):
    """The editor did not apply the edit, and nothing has changed."""


class FileChanged(EditRefused):
    """A file has changed since the edit was made, so that the edit may be planned again."""


class EditDeclined(EditRefused):
    """The editor says that it did not apply the edit, which may still come late."""


class MoveStopped(MoveError):
    """The user stopped the move of several tokens; what was moved before is whole."""


class EditUncertain(MoveError):
    """The editor did not say whether it applied the edit, so nothing was restored."""


class NotStarted(OSError):
    """The system could not start a command; the reason is `strerror`."""
