"""The process of a VaultWorker, which answers requests one at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from dataclasses import asdict
from typing import Any, BinaryIO

from tokenward import core_dumps
from tokenward.errors import VaultError, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.vault.file_lock import hold_file_lock
from tokenward.vault.frames import failure_frame, parse_config
from tokenward.vault.opening import open_vault, report
from tokenward.vault.unlocking import Unlocking
from tokenward.vault.vault import Vault, VaultConfig
from tokenward.wire import Frame, private_pipes, read_frame, write_frame

# The share of the time limit to wait for other processes; at the end of the limit, the caller kills this one.
_WAITING_SHARE = 0.9


def main() -> None:
    """Serve until the other side of the pipe has ended."""
    requests, answers = private_pipes()
    core_dumps.prevent()
    incoming: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, incoming), daemon=True).start()
    service = Service(*parse_config(incoming.get()))
    write_frame(answers, {"answer": None})
    service.prepare()
    while True:
        write_frame(answers, service.answer(incoming.get()))


class Service:
    """Answers requests with the vault of a configuration, which is opened when it is first needed."""

    def __init__(self, config: VaultConfig, unlocking: Unlocking) -> None:
        self._config = config
        self._unlocking = unlocking
        self._vault: Vault | None = None

    def prepare(self) -> None:
        """Load the vault's modules before the first request, without calling the vault."""
        with contextlib.suppress(VaultError):
            self._open_vault()

    def answer(self, request: Frame) -> Frame:
        """Return the answer to a request."""
        try:
            return {"answer": self._handle(request)}
        except VaultError as failure:
            return failure_frame(failure)
        except BaseException as error:  # noqa: BLE001 - a backend may raise anything, SystemExit too
            return failure_frame(
                VaultUnavailable(
                    "The keyring failed with {name}; run `tokenward doctor` to see its state.",
                    name=type(error).__name__,
                )
            )

    def _handle(self, request: Frame) -> Any:
        if request["do"] == "report":
            return asdict(report(self._config, self._unlocking))
        vault = self._open_vault()
        if request["do"] == "description":
            return vault.description
        with hold_file_lock(self._config.lock, self._config.timeout * _WAITING_SHARE):
            return _call(vault, request)

    def _open_vault(self) -> Vault:
        if self._vault is None:
            self._vault = open_vault(self._config, self._unlocking)
        return self._vault


def _call(vault: Vault, request: Frame) -> Any:
    if request["do"] == "references":
        listed = vault.references()
        return None if listed is None else [(one.workspace, one.name) for one in listed]
    if request["do"] == "get":
        found = vault.get_all([Reference(*one) for one in request["references"]])
        return [None if secret is None else secret.reveal() for secret in found]
    if request["do"] == "put":
        values = [(Reference(*named), Secret(value)) for *named, value in request["values"]]
        return [one if isinstance(one, bool) else failure_frame(one) for one in vault.put_all(values)]
    reference = Reference(request["workspace"], request["name"])
    if request["do"] == "replace":
        return vault.replace(reference, Secret(request["value"]))
    return vault.delete(reference)


def _receive(requests: BinaryIO, incoming: queue.SimpleQueue[Frame]) -> None:
    # In a separate thread, so that the parent's end is noticed while a backend hangs.
    try:
        while (frame := read_frame(requests)) is not None:
            incoming.put(frame)
    finally:
        os._exit(0)
