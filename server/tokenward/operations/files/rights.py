"""Gives a new file the owner, mode and attributes of the file that it replaces."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from dataclasses import dataclass, field

from tokenward.operations.files.system_calls import copy_access

_OF_THE_SYSTEM = ("security.", "trusted.")
"""Attributes that the system sets by its own rules, from a file's content or place."""

_LABEL = "security.selinux"


@dataclass(frozen=True, slots=True)
class Rights:
    """A file's owner, group and mode, and on Linux its attributes, which include the access control list."""

    owner: int
    group: int
    mode: int
    attributes: dict[str, bytes] = field(default_factory=dict)


def rights_of(descriptor: int) -> Rights:
    """Return the rights of an open file."""
    status = os.fstat(descriptor)
    return Rights(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode), _attributes(descriptor))


def give_rights(original: int, copy: int) -> bool:
    """Give an open file the rights of another; return False if it cannot get all of them."""
    if sys.platform == "win32":
        return True
    wanted = rights_of(original)
    # One by one: a user who may not give a file away may still give it to one of their groups.
    for owner, group in ((-1, wanted.group), (wanted.owner, -1)):
        with contextlib.suppress(OSError):
            os.fchown(copy, owner, group)
    _give_attributes(wanted, copy)
    # SELinux attributes can be set if the policy allows it.
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setxattr(copy, _LABEL, os.getxattr(original, _LABEL))
    with contextlib.suppress(OSError):
        os.fchmod(copy, wanted.mode)
    return copy_access(original, copy) and rights_of(copy) == wanted


def _attributes(descriptor: int) -> dict[str, bytes]:
    if sys.platform != "linux":
        return {}
    try:
        names = os.listxattr(descriptor)
    except OSError:
        # The file system has no attributes.
        return {}
    return {name: os.getxattr(descriptor, name) for name in names if not name.startswith(_OF_THE_SYSTEM)}


def _give_attributes(rights: Rights, copy: int) -> None:
    if sys.platform != "linux":
        return
    # A new file inherits the list of its folder.
    for name in _attributes(copy).keys() - rights.attributes.keys():
        with contextlib.suppress(OSError):
            os.removexattr(copy, name)
    for name, value in rights.attributes.items():
        with contextlib.suppress(OSError):
            os.setxattr(copy, name, value)
