"""Chooses the backend of `keyring`: the configured one if it is trusted, or else the best trusted one."""

from __future__ import annotations

import configparser
import contextlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.core import load_keyring
from keyring.util.platform_ import config_root

from tokenward.errors import VaultForgetful, VaultUnavailable, VaultUntrusted
from tokenward.vault.session_bus import VARIABLE, bus_address

SECRET_SERVICE = "keyring.backends.SecretService"  # noqa: S105
WINDOWS = "keyring.backends.Windows"

_BY_PLATFORM = {"win32": (f"{WINDOWS}.WinVaultKeyring",), "darwin": ("keyring.backends.macOS.Keyring",)}
_ELSEWHERE = (
    f"{SECRET_SERVICE}.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.libsecret.Keyring",
)
_TRUSTED = {
    WINDOWS,
    SECRET_SERVICE,
    "keyring.backends.macOS",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
}
_NO_VAULTS = {"keyring.backends.chainer", "tokenward.keyring_backend"}
"""Backends that are passed over: the one hands values to every backend that it finds, trusted or not; the other is our
own, which asks this vault."""
_NAME = re.compile(r"[A-Za-z_][\w.]{0,199}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BackendSetting:
    """The backend that the user has configured for `keyring`, and the extra folder to import it from."""

    name: str
    origin: str
    folder: str | None = None

    @property
    def module(self) -> str:
        """Return the module of the backend."""
        return self.name.rpartition(".")[0]

    @property
    def shown(self) -> str:
        """Return the name for a message."""
        return self.name if _NAME.fullmatch(self.name) else "something that is not a name"


def choose_backend(allowed: tuple[str, ...]) -> KeyringBackend:
    """Return the backend to use; an untrusted one is never imported.

    Args:
        allowed: modules, or classes with their modules, that the user trusts in addition.

    Raises:
        VaultUntrusted: `keyring` is set to a backend that is not trusted.
        VaultForgetful: it is set to the null backend, which stores nothing.
        VaultUnavailable: it does not exist, or it cannot be loaded.
    """
    # An assistant's few variables may lack it.
    if address := bus_address():
        os.environ.setdefault(VARIABLE, address)
    setting = configured_backend()
    if setting is None or setting.module in _NO_VAULTS:
        return _best_backend()
    _require_trusted(setting, allowed)
    return _load_backend(setting)


def configured_backend() -> BackendSetting | None:
    """Return the backend from the environment or else from `keyring`'s configuration file."""
    name = os.environ.get("PYTHON_KEYRING_BACKEND")
    if name:
        return BackendSetting(name, "PYTHON_KEYRING_BACKEND")
    path = config_root() / "keyringrc.cfg"
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        raise VaultUnavailable(
            "keyring's configuration {path} cannot be read; correct or remove it.", path=path
        ) from None
    name = parser.get("backend", "default-keyring", fallback="").strip()
    return (
        BackendSetting(name, str(path), parser.get("backend", "keyring-path", fallback=None))
        if name
        else None
    )


def _require_trusted(setting: BackendSetting, allowed: tuple[str, ...]) -> None:
    if setting.module == "keyring.backends.null":
        raise VaultForgetful(
            "{origin} sets keyring to its null backend, which stores nothing; remove that setting, or "
            "run `tokenward vault init --file`.",
            origin=setting.origin,
        )
    if setting.module == "keyring.backends.fail":
        raise _no_keyring()
    if setting.module not in _TRUSTED and not {setting.module, setting.name} & set(allowed):
        raise VaultUntrusted(
            "{origin} sets keyring to {shown}, which Tokenward does not know; to trust it with your "
            "tokens, add it to `allowed-backends` in your user settings.",
            origin=setting.origin,
            shown=setting.shown,
        )


def _load_backend(setting: BackendSetting) -> KeyringBackend:
    # Last on the path, so that no module in the folder replaces one of ours; and only for an explicitly trusted
    # backend, because the usual ones come with `keyring`.
    if setting.folder and setting.module not in _TRUSTED:
        sys.path.append(str(Path(setting.folder.strip()).expanduser()))
    try:
        return load_keyring(setting.name)
    except Exception as error:  # noqa: BLE001 - importing runs the backend's own code
        failure = type(error).__name__
    raise VaultUnavailable(
        "The keyring backend {shown}, set by {origin}, cannot be used here ({failure}); correct that "
        "setting, or run `tokenward vault init --file`.",
        shown=setting.shown,
        origin=setting.origin,
        failure=failure,
    )


def _best_backend() -> KeyringBackend:
    usable: list[KeyringBackend] = []
    for name in _BY_PLATFORM.get(sys.platform, _ELSEWHERE):
        with contextlib.suppress(Exception):
            usable.append(load_keyring(name))
    if not usable:
        raise _no_keyring()
    return max(usable, key=lambda backend: float(backend.priority))


def _no_keyring() -> VaultUnavailable:
    return VaultUnavailable(
        "There is no OS keyring here; run `tokenward vault init --file` to keep tokens in an encrypted file."
    )
