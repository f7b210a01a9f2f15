"""How the failures of macOS's and Windows' keyrings are named, by the numbers that these systems return."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import macOS

from tokenward.errors import VaultError, VaultLocked, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.vault.os_keyring import OsKeyringVault

REFERENCE = Reference("acme", "TOKEN")


class KeychainError(Exception):
    """An error of the Security framework, as the module `keyring.backends.macOS.api` has it."""


class DeniedError(KeychainError):
    pass


class NotFoundError(KeychainError):
    pass


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (KeychainError(-25308, "Unknown Error"), VaultLocked, "run `security unlock-keychain`"),
        (DeniedError(-128, "Keychain Access Denied"), VaultLocked, "choose Always Allow"),
        (KeychainError(-25293, "Security Auth Failure"), VaultLocked, "did not accept the password"),
        (KeychainError(-1, "Unknown Error"), VaultUnavailable, r"failed with \w+; run `tokenward doctor`"),
    ],
)
def test_a_failure_of_the_keychain_is_named_with_the_next_step(
    error: Exception, kind: type[VaultError], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    calls = dict.fromkeys(("find_generic_password", "set_generic_password", "delete_generic_password"), fail)
    api = SimpleNamespace(Error=KeychainError, KeychainDenied=DeniedError, NotFound=NotFoundError, **calls)
    monkeypatch.setattr(macOS, "api", api, raising=False)
    vault = OsKeyringVault(macOS.Keyring())
    for use in (
        lambda: vault.get(REFERENCE),
        lambda: vault.put(REFERENCE, Secret("value")),
        lambda: vault.delete(REFERENCE),
    ):
        with pytest.raises(kind, match=rf"^macOS Keychain .*{said}"):
            use()


class WithoutLogon(KeyringBackend):
    """Windows' answer in a session that has no logon."""

    priority = 1.0

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError(1312, "CredWrite", "A specified logon session does not exist.")

    def get_password(self, service: str, username: str) -> str | None:
        return None


def test_a_session_without_a_logon_of_windows_is_named() -> None:
    with pytest.raises(VaultUnavailable, match=r"no logon of Windows; .* vault init --file"):
        OsKeyringVault(WithoutLogon()).put(REFERENCE, Secret("value"))
