"""VaultWorker: the only caller of vaults."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tokenward.errors import VaultTimeout, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.vault.frames import config_frame, parse_failure
from tokenward.vault.unlocking import SECRET_VARIABLES, Unlocking
from tokenward.vault.vault import PutOutcome, VaultConfig, VaultReport, is_new
from tokenward.wire import ChildLost, Frame

if TYPE_CHECKING:
    from tokenward.child import Child


SECONDS_EACH = 1.0
"""By how much each further entry of a call prolongs its time limit; a keyring on a busy machine takes a tenth of it."""
_MODULE = "tokenward.vault.worker_process"


class VaultWorker:
    """A vault in a separate process, called one at a time, with a time limit, and killed if it hangs.

    The process starts at the first call and again at the first after a failure. Any thread may call.
    """

    def __init__(self, config: VaultConfig) -> None:
        self._config = config
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._closed = False

    def begin(self) -> None:
        """Start the process ahead of the first call, because it takes a while to be ready.

        Raises:
            VaultUnavailable: it cannot be started.
        """
        with self._turn:
            self._running_child()

    @property
    def description(self) -> str:
        return str(self._call({"do": "description"}))

    def get(self, reference: Reference) -> Secret | None:
        return self.get_all([reference])[0]

    def get_all(self, references: Sequence[Reference]) -> list[Secret | None]:
        named = [(one.workspace, one.name) for one in references]
        found = self._call({"do": "get", "references": named}, len(named))
        return [None if value is None else Secret(value) for value in found]

    def put(self, reference: Reference, secret: Secret) -> bool:
        return is_new(self.put_all([(reference, secret)]))

    def put_all(self, values: Sequence[tuple[Reference, Secret]]) -> list[PutOutcome]:
        named = [(one.workspace, one.name, secret.reveal()) for one, secret in values]
        return [
            one if isinstance(one, bool) else parse_failure(one) or False
            for one in self._call({"do": "put", "values": named}, len(named))
        ]

    def replace(self, reference: Reference, secret: Secret) -> None:
        self._call({"do": "replace", **_reference_fields(reference), "value": secret.reveal()})

    def delete(self, reference: Reference) -> bool:
        return bool(self._call({"do": "delete", **_reference_fields(reference)}))

    def references(self) -> frozenset[Reference] | None:
        found = self._call({"do": "references"})
        return None if found is None else frozenset(Reference(*one) for one in found)

    def report(self) -> VaultReport:
        """Describe the vault without writing to it and without a prompt."""
        return VaultReport(**self._call({"do": "report"}))

    def close(self) -> None:
        """End the process at once, even during a call, and refuse further calls."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()
        with self._turn:
            if self._child is not None:
                self._child.dispose()
            self._child = None

    def _call(self, request: Frame, entries: int = 1) -> Any:
        limit = self._config.timeout + SECONDS_EACH * (entries - 1)
        with self._turn:
            child = self._running_child()
            try:
                answer = child.exchange(request, limit)
            except ChildLost as lost:
                raise _failure(lost, limit) from None
        failure = parse_failure(answer)
        if failure is not None:
            raise failure
        return answer["answer"]

    def _running_child(self) -> Child:
        if self._child is not None and self._child.alive and not self._closed:
            return self._child
        if self._child is not None:
            self._child.dispose()
        from tokenward.child import Child  # noqa: PLC0415 - a QuickReader may have answered instead

        is_file = self._config.kind == "file"
        unlocking = (
            Unlocking.from_environment(os.environ, self._config.passphrase) if is_file else Unlocking()
        )
        # In this order, so that either `close` sees the child or this method sees that it is closed.
        environment = {name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES}
        try:
            child = self._child = Child(_MODULE, config_frame(self._config, unlocking), environment)
        except OSError as error:
            raise VaultUnavailable(
                "The keyring's process cannot be started with {executable} ({strerror}); reinstall Tokenward.",
                executable=sys.executable,
                strerror=error.strerror,
            ) from None
        if self._closed:
            child.dispose()
            raise VaultUnavailable("The keyring was closed because Tokenward is ending; start it again.")
        return child


def describe(config: VaultConfig) -> VaultReport:
    """Describe the vault without writing to it and without a prompt.

    Raises:
        VaultError: it hangs, or its process ended.
    """
    with contextlib.closing(VaultWorker(config)) as worker:
        return worker.report()


def _failure(lost: ChildLost, limit: float) -> VaultTimeout | VaultUnavailable:
    if lost.is_late:
        return VaultTimeout(
            "The keyring did not answer within {limit} seconds; answer its prompt if it shows one, and "
            "try again.",
            limit=f"{limit:g}",
        )
    return VaultUnavailable(
        "The keyring's process ended (exit code {returncode}); try again, and run `tokenward doctor` "
        "if it happens again.",
        returncode=lost.returncode,
    )


def _reference_fields(reference: Reference) -> Frame:
    return {"workspace": reference.workspace, "name": reference.name}
