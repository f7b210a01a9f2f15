"""Use: the purpose for which a process requests a stored token."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from tokenward.custody.callers.asker import asking_process
from tokenward.custody.callers.callers import Caller, caller, server
from tokenward.errors import VaultError
from tokenward.fast_dataclasses import dataclass
from tokenward.places import Places
from tokenward.settings import load_settings
from tokenward.vault.unlocking import Unlocking


class Purpose(StrEnum):
    """The purpose for which the value of a reference is requested."""

    RUN = "run"
    LAUNCH = "launch"
    """For a program that an editor starts, such as one to debug."""
    ENV = "env"
    GET = "get"
    INJECT = "inject"
    CREDENTIAL = "credential"
    """To answer a tool that asks a credential helper."""
    RESTORE = "restore"
    ENTER = "enter"
    """To have a person enter a value in an editor."""
    REMOVE = "remove"
    """To delete it."""
    REPLACE = "replace"
    """To store another value in its place."""
    RENAME = "rename"
    """To store it under another name."""
    ASK = "ask"
    """To have its own provider check or revoke it."""


@dataclass(frozen=True, slots=True)
class Use:
    """A use of stored values.

    Attributes:
        program: the resolved path of the program that gets them, if any.
        command: its arguments as the user wrote them, starting with its own name.
        needs_person: a person has to approve each time, whatever the leases say.
        fills_files: the values are written into files, which other programs can read too.
        reason: why the caller wants them, in its own words, which prove nothing; holds no token.
    """

    purpose: Purpose
    caller: Caller
    program: Path | None = None
    command: tuple[str, ...] = ()
    needs_person: bool = False
    fills_files: bool = False
    reason: str = ""

    @classmethod
    def own(
        cls,
        purpose: Purpose,
        program: Path | None = None,
        command: tuple[str, ...] = (),
        *,
        editor: int = 0,
    ) -> Use:
        """Return a use by the process that started this one, or by an editor's user."""
        return cls(purpose, server(editor) if editor else asking_caller(), program, command)


def asking_caller() -> Caller:
    """Return the caller of this command, who may be detached if the encrypted file in use opens with its variables.

    With its key, the caller could decrypt the values without Tokenward.
    """
    asker = caller(asking_process())
    return replace(asker, is_detached=False) if asker.is_detached and _opens_vault() else asker


def _opens_vault() -> bool:
    unlocking = Unlocking.from_environment(os.environ)
    if unlocking == Unlocking():
        return False
    from tokenward.operations.vault_choice import vault_config  # noqa: PLC0415 - few callers are detached
    from tokenward.vault.encrypted_file import EncryptedFileVault  # noqa: PLC0415

    places = Places.of_user()
    config = vault_config(places, load_settings(places, None)[0])
    if config.kind != "file" or config.file is None:
        return False
    with suppress(VaultError):
        EncryptedFileVault(config.file, unlocking).check()
        return True
    return False
