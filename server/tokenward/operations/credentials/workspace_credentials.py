"""WorkspaceCredentials: the CredentialStore of a workspace."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tokenward.catalog.home_files import home_files
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.credentials import Address, CredentialRecord
from tokenward.errors import CustodyError, WorkspaceElsewhere, WorkspaceUnbound
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint, Reference, Secret, references_in
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.credentials.credential_store import ANY_USER, Login
from tokenward.operations.credentials.records import add_record, remove_record, require_plain
from tokenward.operations.use import Purpose, Use
from tokenward.places import shown
from tokenward.token_prefixes import is_token_name

_LARGEST = 50_000_000
# Docker's file has no place for a reference; its record has the registry instead.
_DOCKER_SIGN = '"tokenward"'


@dataclass(frozen=True, slots=True)
class WorkspaceCredentials:
    """Answers a tool in a folder.

    Attributes:
        fingerprint: fingerprints a value, without loading the rules.
        tell: takes a sentence for the person at the tool.
    """

    context: Context
    folder: Path
    tool: str
    fingerprint: Callable[[str], Fingerprint]
    tell: Callable[[str], None]

    def find(self, address: Address, user: str = "") -> Login | None:
        found = self.context.credentials.matching(address, user)
        if not found:
            return None
        here = [one for one in found if _is_of(self.context.bindings, one.reference, self.folder)]
        # With none of this workspace, `resolve` refuses the one of another workspace and says why.
        record = next((one for one in (*here, *found) if self._belongs(one)), found[0])
        folder = self._folder_for(record.reference, record.address)
        value = self._value(record.reference, folder, str(record.address))
        return Login(user or record.user or ANY_USER, value)

    def value(self, reference: Reference) -> Secret:
        return self._value(reference, self._folder_for(reference), "")

    def _value(self, reference: Reference, folder: Path, purpose: str) -> Secret:
        # One word, because the ledger and the question to a person leave out most of a command's other words.
        asked = ":".join(filter(None, (self.tool, purpose)))
        use = Use.own(Purpose.CREDENTIAL, command=(asked,))
        return resolve(self.context, folder, reference, use)

    def store(self, address: Address, user: str, secret: Secret) -> bool:
        context, workspace = self.context, self.context.bindings.name_of(self.folder)
        if workspace is None:
            return False
        fingerprint = self.fingerprint(secret.reveal())
        if any(self._holds(one, fingerprint) for one in context.credentials.matching(address, user)):
            return True
        require_plain(context, address, user)
        is_recorded = any((one.address, one.user) == (address, user) for one in self.records())
        if is_recorded and (agent := Use.own(Purpose.CREDENTIAL).caller.possible_agent):
            raise CustodyError(
                f"{address} has a credential record, which {shown(agent)} may not replace; a person can remove it with "
                f"`tokenward credential remove {address}`."
            )
        name = context.entries.free_name(workspace, [_name(address)], fingerprint)
        reference = Reference(workspace, name)
        # A value that is stored already keeps the lease that it has.
        if context.entries.get(reference) is None:
            # It loads much that an answer does not need.
            from tokenward.operations.access.put import put  # noqa: PLC0415

            put(context, self.folder, name, secret)
            self.tell(f"Stored the password for {address} as {reference}.")
        add_record(context, self.folder, address, user, reference)
        return True

    def forget(self, address: Address, user: str, secret: Secret | None = None) -> None:
        found = [one for one in self.context.credentials.matching(address, user) if self._belongs(one)]
        if secret is not None:
            fingerprint = self.fingerprint(secret.reveal())
            found = [one for one in found if self._holds(one, fingerprint)]
        for record in found[:1]:
            remove_record(self.context, self.folder, record)
            name = record.reference.name
            self.tell(
                f"{self.tool} will no longer get {name} for {record.address}; its value stays in the keyring, and "
                f"`tokenward rm {name}` deletes it."
            )

    def records(self) -> Sequence[CredentialRecord]:
        workspace = self.context.bindings.name_of(self.folder)
        return self.context.credentials.in_workspace(workspace) if workspace else ()

    def _belongs(self, record: CredentialRecord) -> bool:
        folder = self._folder_for(record.reference, record.address)
        return _is_of(self.context.bindings, record.reference, folder)

    def _folder_for(self, reference: Reference, address: Address | None = None) -> Path:
        """Return the folder that may use a reference: the current one, or that of one of the tool's own files."""
        return folder_for(self.context.bindings, self.tool, reference, self.folder, address)

    def _holds(self, record: CredentialRecord, fingerprint: Fingerprint) -> bool:
        """Return whether a record of this workspace leads to a value."""
        entry = self.context.entries.get(record.reference)
        return entry is not None and entry.fingerprint == fingerprint and self._belongs(record)


def _name(address: Address) -> str:
    """Return a name for a password of a host, unless the host looks like a token."""
    host = re.sub(r"[^A-Z0-9]+", "_", address.host.upper()).strip("_")[:100]
    name = f"{'HOST_' if host[:1].isdigit() else ''}{host}_PASSWORD"
    return name if is_token_name(name) else "PASSWORD"


def folder_for(
    bindings: Bindings, tool: str, reference: Reference, folder: Path, address: Address | None = None
) -> Path:
    """Return the folder that may use a reference: the given one, or that of one of a tool's own files."""
    if _is_of(bindings, reference, folder):
        return folder
    found = map(bindings.enclosing, own_files_with(tool, reference, address))
    folders = (binding.folder for binding in found if binding)
    return next((one for one in folders if _is_of(bindings, reference, one)), folder)


def _is_of(bindings: Bindings, reference: Reference, folder: Path) -> bool:
    try:
        bindings.check(reference, folder)
    except (WorkspaceUnbound, WorkspaceElsewhere):
        return False
    return True


def own_files_with(tool: str, reference: Reference, address: Address | None = None) -> Iterator[Path]:
    """Yield the tool's own files that name a reference, or the address of its record."""
    files = [one for one in home_files() if tool in one.helpers]
    home = [Path.home() / one.path for one in files if one.path]
    named = [
        Path(word, one.inside)
        for one in files
        for word in os.environ.get(one.variable, "").split(os.pathsep)
        if Path(word).is_absolute()
    ]
    return (path for path in (*home, *named) if _names(path, tool, reference, address))


def _names(path: Path, tool: str, reference: Reference, address: Address | None) -> bool:
    text = ""
    with contextlib.suppress(OSError, ValueError), path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(_LARGEST)
    if tool == "docker":
        return _DOCKER_SIGN in text
    if tool == "keyring":
        # The URL of an index has no place for a reference either.
        return address is not None and address.host in text.lower()
    return any(found == reference for _, found in references_in(text))
