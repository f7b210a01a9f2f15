"""SecretServiceVault: the desktop's Secret Service, over a persistent connection.

`keyring`'s own backend opens a connection for each call, which can make gnome-keyring-daemon abort. `keyring` and
`secret-tool` find the entries written here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import secretstorage.item
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from jeepney import DBusErrorResponse  # type: ignore[import-untyped]
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]
from secretstorage import (
    Collection,
    ItemNotFoundException,
    LockedException,
    PromptDismissedException,
    SecretServiceNotAvailableException,
    dbus_init,
    get_default_collection,
)
from secretstorage.collection import DEFAULT_COLLECTION
from secretstorage.defines import ALGORITHM_DH, SS_PATH, SS_PREFIX
from secretstorage.dhcrypto import DH_PRIME_1024, Session
from secretstorage.util import DBusAddressWrapper, open_session

from tokenward.errors import VaultDamaged, VaultError, VaultLocked, VaultUnavailable
from tokenward.model import Reference, Secret, reference_of_service
from tokenward.vault.vault import StoringVault

# To decrypt a value needs no backend, and to ask for one loads those of all algorithms, in 7 ms.
secretstorage.item.default_backend = lambda: None  # type: ignore[attr-defined]

_Answer = TypeVar("_Answer")

# With the application name of `keyring`, `keyring set` finds this entry instead of creating a second one.
_APPLICATION = "Python keyring library"


class SecretServiceVault(StoringVault):
    """Stores values in the default collection."""

    description = "Secret Service"

    def __init__(self) -> None:
        self._collection: Collection | None = None

    def get(self, reference: Reference) -> Secret | None:
        return self.get_all([reference])[0]

    def get_all(self, references: Sequence[Reference]) -> list[Secret | None]:
        return self._ask(lambda collection: _read_all(collection, references))

    def delete(self, reference: Reference) -> bool:
        return self._ask(lambda collection: _delete(collection, reference))

    def references(self) -> frozenset[Reference]:
        # It lists nothing while it is locked, and to list is no reason to prompt.
        if default_collection_is_locked():
            raise VaultLocked("The keyring is locked and stayed locked; unlock it and try again.")
        return self._ask(_references)

    def close(self) -> None:
        """Close the connection, if one was opened."""
        if self._collection is not None:
            with contextlib.suppress(OSError):
                self._collection.connection.close()
        self._collection = None

    def _create(self, reference: Reference, secret: Secret) -> None:
        self._ask(lambda collection: _create(collection, reference, secret))

    def _overwrite(self, reference: Reference, secret: Secret) -> None:
        self._ask(lambda collection: _overwrite(collection, reference, secret))

    def _ask(self, question: Callable[[Collection], _Answer]) -> _Answer:
        try:
            return self._ask_again_if_dropped(question)
        except VaultError:
            raise
        except Exception as error:  # noqa: BLE001 - jeepney raises whatever the socket or the daemon answers
            self.close()
            raise _as_vault_error(error) from None

    def _ask_again_if_dropped(self, question: Callable[[Collection], _Answer]) -> _Answer:
        if self._collection is not None:
            try:
                return question(_unlock(self._collection))
            except (VaultError, LockedException, PromptDismissedException):
                raise
            except Exception:  # noqa: BLE001 - a daemon that was restarted shows itself in many ways
                self.close()
        connection = dbus_init()
        try:
            _introduce(connection)
            session = _open_session(connection)
            collection = get_default_collection(connection, session)
        except BaseException:
            connection.close()
            raise
        collection.session = session
        self._collection = collection
        return question(_unlock(self._collection))


class UnlockedCollection:
    """The default collection over a separate connection; it never prompts, and asks only what it must."""

    def __init__(self, address: str) -> None:
        """Connect to the bus at an address."""
        self._connection = open_dbus_connection(address)
        _introduce(self._connection)
        self._session = _open_session(self._connection)

    def get(self, reference: Reference) -> Secret | None:
        """Return a value; None if it is not in here. That it is locked is a failure of the library."""
        (found,) = self._call(DEFAULT_COLLECTION, "Collection", "SearchItems", "a{ss}", _query(reference))
        if not found:
            return None
        (secret,) = self._call(found[0], "Item", "GetSecret", "o", self._session.object_path)
        return Secret(_opened(self._session, bytes(secret[1]), bytes(secret[2])).decode())

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            self._connection.close()

    def _call(self, path: str, interface: str, method: str, signature: str, argument: object) -> Any:
        address = DBusAddressWrapper(path, f"{SS_PREFIX}{interface}", self._connection)
        return address.call(method, signature, argument)


class _Session(Session):
    """A session with a private key of 256 bits.

    The group of 1024 bits has a strength of 80 bits, for which a key of 160 is enough (RFC 3526, 8), and the library's
    1024 take four times as long.
    """

    def __init__(self) -> None:
        self.object_path: str | None = None
        self.aes_key: bytes | None = None
        self.encrypted = True
        self.my_private_key = int.from_bytes(os.urandom(32), "big")
        self.my_public_key = pow(2, self.my_private_key, DH_PRIME_1024)


def _introduce(connection: DBusConnection) -> None:
    """Have the service register a new connection, by a call that no registration is needed for.

    Of several that are new at once, gnome-keyring-daemon can miss one while it answers its first call; most calls then
    make it abort, and it comes back locked.
    """
    # A failure that matters is the next call's, too.
    with contextlib.suppress(DBusErrorResponse, ItemNotFoundException):
        DBusAddressWrapper(SS_PATH, "org.freedesktop.DBus.Peer", connection).call("Ping", "")


def _open_session(connection: DBusConnection) -> Session:
    session, service = _Session(), DBusAddressWrapper(SS_PATH, f"{SS_PREFIX}Service", connection)
    key = "ay", session.my_public_key.to_bytes(128, "big")
    try:
        (_, answer), session.object_path = service.call("OpenSession", "sv", ALGORITHM_DH, key)
    except DBusErrorResponse:  # it knows no encryption
        return open_session(connection)
    session.set_server_public_key(int.from_bytes(answer, "big"))
    return session


def _opened(session: Session, start: bytes, value: bytes) -> bytes:
    """Decrypt a value as it came over the bus, without its padding."""
    if session.aes_key is None:
        return value
    decryptor = Cipher(AES(session.aes_key), CBC(start)).decryptor()
    padded = decryptor.update(value) + decryptor.finalize()
    return padded[: -padded[-1]]


def default_collection_is_locked() -> bool:
    """Return whether the default collection is locked, without unlocking it.

    Raises:
        VaultUnavailable: there is no Secret Service, or it has no default collection.
    """
    try:
        with contextlib.closing(dbus_init()) as connection:
            _introduce(connection)
            return Collection(connection).is_locked()
    except ItemNotFoundException:
        raise VaultUnavailable(
            "The Secret Service has no default keyring yet; log in to the desktop once, or create one in its "
            "password manager."
        ) from None
    except Exception as error:  # noqa: BLE001
        raise _as_vault_error(error) from None


def _unlock(collection: Collection) -> Collection:
    if collection.is_locked():
        collection.unlock()
        if collection.is_locked():
            raise LockedException
    return collection


def _query(reference: Reference) -> dict[str, str]:
    return {"service": reference.service, "username": reference.username}


def _references(collection: Collection) -> frozenset[Reference]:
    items = (item.get_attributes() for item in collection.get_all_items())
    found = ((reference_of_service(item.get("service", "")), item.get("username")) for item in items)
    return frozenset(one for one, username in found if one is not None and one.username == username)


def _read_all(collection: Collection, references: Sequence[Reference]) -> list[Secret | None]:
    """Find each entry, and read all their values with one call."""
    places = DBusAddressWrapper(collection.collection_path, f"{SS_PREFIX}Collection", collection.connection)
    service = DBusAddressWrapper(SS_PATH, f"{SS_PREFIX}Service", collection.connection)
    found = [next(iter(places.call("SearchItems", "a{ss}", _query(one))[0]), None) for one in references]
    items = [*filter(None, found)]
    # Opened with the connection.
    session = cast("Session", collection.session)
    values = service.call("GetSecrets", "aoo", items, session.object_path)[0] if items else {}
    if not values.keys() >= {*items}:
        # It leaves out what is locked.
        raise LockedException
    return [
        None
        if item is None
        else _text_of(reference, _opened(session, bytes(values[item][1]), bytes(values[item][2])))
        for reference, item in zip(references, found, strict=True)
    ]


def _text_of(reference: Reference, value: bytes) -> Secret:
    try:
        return Secret(value.decode())
    except UnicodeDecodeError:
        reason = (
            f"The entry of {reference} is not text; "
            f"see it with `secret-tool lookup service {reference.service}`."
        )
    raise VaultDamaged(reason)


def _create(collection: Collection, reference: Reference, secret: Secret) -> None:
    # Never `replace`, because an entry that another program has just created must stay.
    collection.create_item(
        f"Tokenward: {reference.workspace}/{reference.name}",
        {**_query(reference), "application": _APPLICATION},
        secret.reveal().encode(),
        replace=False,
    )


def _overwrite(collection: Collection, reference: Reference, secret: Secret) -> None:
    """Change the value of an entry where it is; the Secret Service does that in one step."""
    found = list(collection.search_items(_query(reference)))
    for item in found:
        item.set_secret(secret.reveal().encode())
    if not found:
        _create(collection, reference, secret)


def _delete(collection: Collection, reference: Reference) -> bool:
    items = list(collection.search_items(_query(reference)))
    for item in items:
        item.delete()
    return bool(items)


def _as_vault_error(error: Exception) -> VaultError:
    """Convert a library's failure to one of ours, without its text."""
    is_locked = getattr(error, "name", None) == "org.freedesktop.Secret.Error.IsLocked"
    if is_locked or isinstance(error, LockedException | PromptDismissedException):
        return VaultLocked("The keyring is locked and stayed locked; unlock it and try again.")
    if isinstance(error, SecretServiceNotAvailableException | OSError):
        return VaultUnavailable(
            "The Secret Service does not answer; log in to a desktop session that has one, or run "
            "`tokenward vault init --file` to keep tokens in an encrypted file."
        )
    return VaultUnavailable(
        "The Secret Service failed with {name}; run `tokenward doctor` to see its state.",
        name=type(error).__name__,
    )
