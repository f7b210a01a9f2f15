"""What the frames between a VaultWorker and its process hold."""

from __future__ import annotations

from pathlib import Path

from tokenward import errors
from tokenward.model import Secret
from tokenward.vault.unlocking import Unlocking
from tokenward.vault.vault import VaultConfig
from tokenward.wire import Frame


def config_frame(config: VaultConfig, unlocking: Unlocking) -> Frame:
    """Return the first frame to a process: its configuration."""
    return {
        "kind": config.kind,
        "lock": str(config.lock.absolute()),
        "file": None if config.file is None else str(config.file.absolute()),
        "timeout": config.timeout,
        "allowed_backends": config.allowed_backends,
        "passphrase": _reveal(unlocking.passphrase),
        "key": _reveal(unlocking.key),
    }


def parse_config(frame: Frame) -> tuple[VaultConfig, Unlocking]:
    """Parse the configuration in a frame."""
    config = VaultConfig(
        kind=frame["kind"],
        lock=Path(frame["lock"]),
        file=None if frame["file"] is None else Path(frame["file"]),
        timeout=frame["timeout"],
        allowed_backends=tuple(frame["allowed_backends"]),
    )
    return config, Unlocking(_secret(frame["passphrase"]), _secret(frame["key"]))


def failure_frame(failure: errors.VaultError) -> Frame:
    """Return a frame with a failure."""
    return {"failure": type(failure).__name__, "text": str(failure)}


def parse_failure(frame: Frame) -> errors.VaultError | None:
    """Return the failure in a frame, or None if it contains an answer."""
    if "failure" not in frame:
        return None
    kind = getattr(errors, frame["failure"], errors.VaultError)
    failure: errors.VaultError = kind(frame["text"])
    return failure


def _reveal(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()


def _secret(value: str | None) -> Secret | None:
    return None if value is None else Secret(value)
