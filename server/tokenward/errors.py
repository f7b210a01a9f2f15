r"""The tree of named failures.

Each says in one sentence what went wrong, on what, and what to do next; none ever holds a token.

    TokenwardError
    ├── SettingsError
    ├── PersonNeeded              a person has to say so, and none can be asked here
    ├── ConnectionBroken          what an editor sends cannot be read any further
    ├── GitFailed                 git cannot be started, or cannot read the repository
    ├── BaselineUnusable          the baseline is none, or was made with another key
    ├── VaultError
    │   ├── VaultUnavailable      no keyring here, or it does not answer
    │   ├── VaultLocked           there is one, and it stayed locked
    │   ├── VaultTimeout          it did not answer in time and was given up
    │   ├── VaultUntrusted        the backend is not on the allow list
    │   ├── VaultForgetful        it took a value and did not give it back
    │   ├── VaultDamaged          the encrypted file does not authenticate
    │   ├── PassphraseNeeded      the encrypted file is locked and nobody could be asked
    │   ├── PassphraseWrong
    │   └── NameTaken             an entry of that name holds another value
    ├── CustodyError
    │   ├── WorkspaceUnbound      the reference's workspace belongs to no folder on this machine
    │   ├── WorkspaceElsewhere    it belongs to another folder
    │   ├── EntryMissing          the keyring holds nothing under the reference
    │   ├── LeaseRefused          the token's lease does not allow this use
    │   │   ├── LeaseExpired      its time or its session has ended
    │   │   ├── LeaseSpent        it was used as often as it may be
    │   │   ├── ProgramNotAllowed it is for other programs
    │   │   ├── ApprovalDenied    a person said no
    │   │   └── ApprovalUnavailable nobody could be asked
    │   └── StateDamaged          Tokenward's own records cannot be read
    ├── RewriteRefused            the literal cannot be replaced without changing what the file means
    └── MoveError
        ├── TokenGone             the token is no longer where it was found
        ├── DocumentChanged       the document is at another version
        ├── EditRefused           the editor did not apply the edit, and nothing has changed
        │   ├── FileChanged       a file that is not open is another one than when the edit was made
        │   └── EditDeclined      the editor says that it did not apply the edit, which may still come late
        └── EditUncertain         the editor did not say whether it applied the edit
"""

from __future__ import annotations


class TokenwardError(Exception):
    """Base of all expected failures; `str()` of it is shown to the user."""


class SettingsError(TokenwardError):
    """A settings file cannot be used."""


class PersonNeeded(TokenwardError):
    """A person has to say so, and none can be asked here."""


class ConnectionBroken(TokenwardError):
    """What an editor sends cannot be told apart into messages any more."""


class GitFailed(TokenwardError):
    """Git cannot say what is in a repository."""


class BaselineUnusable(TokenwardError):
    """A file cannot serve as the baseline of a scan."""


class VaultError(TokenwardError):
    """The place where values are kept refused, failed or is absent."""


class VaultUnavailable(VaultError):
    """No keyring here, or it cannot be reached."""


class VaultLocked(VaultError):
    """The keyring stayed locked."""


class VaultTimeout(VaultError):
    """The keyring did not answer in time."""


class VaultUntrusted(VaultError):
    """The configured keyring backend is not one that Tokenward hands values to."""


class VaultForgetful(VaultError):
    """The keyring took a value and did not give it back."""


class VaultDamaged(VaultError):
    """The encrypted file was changed or cut short."""


class PassphraseNeeded(VaultError):
    """The encrypted file is locked and nobody could be asked for its passphrase."""


class PassphraseWrong(VaultError):
    """The passphrase or key does not open the encrypted file."""


class NameTaken(VaultError):
    """An entry of that name holds another value."""


class CustodyError(TokenwardError):
    """The reference may not be resolved here."""


class WorkspaceUnbound(CustodyError):
    """The reference's workspace belongs to no folder on this machine."""


class WorkspaceElsewhere(CustodyError):
    """The reference's workspace belongs to another folder."""


class EntryMissing(CustodyError):
    """The keyring holds nothing under the reference."""


class LeaseRefused(CustodyError):
    """The token's lease does not allow this use."""


class LeaseExpired(LeaseRefused):
    """The lease's time or session has ended."""


class LeaseSpent(LeaseRefused):
    """The token was used as often as its lease says."""


class ProgramNotAllowed(LeaseRefused):
    """The lease is for other programs."""


class ApprovalDenied(LeaseRefused):
    """A person was asked and said no."""


class ApprovalUnavailable(LeaseRefused):
    """A person is to be asked, and nobody could be."""


class StateDamaged(CustodyError):
    """Tokenward's own records cannot be read or written."""


class RewriteRefused(TokenwardError):
    """The literal cannot be replaced without changing what the file means."""


class MoveError(TokenwardError):
    """A move stopped; the value is where it was."""


class TokenGone(MoveError):
    """The token is no longer where it was found."""


class DocumentChanged(MoveError):
    """The document is no longer at the version that the action was made for."""


class EditRefused(MoveError):
    """The editor did not apply the edit, and nothing has changed."""


class FileChanged(EditRefused):
    """A file that is not open is another one than when the edit was made."""


class EditDeclined(EditRefused):
    """The editor says that it did not apply the edit; its report of one that it made may still come."""


class EditUncertain(MoveError):
    """The editor did not say whether it applied the edit, so nothing was put back."""
