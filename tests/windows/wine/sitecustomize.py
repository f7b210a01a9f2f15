"""What Wine lacks, for the tests' Python alone; imported at its start.

A folder's time of birth is its last change there, so every new file would make it another folder; a lock that
another process has fails without the number of that error; and to list entries, its Credential Manager asks the
service of volumes whether the system below has some too, which `scripts/windows.py` turns off.
"""

from __future__ import annotations

import ctypes
import errno
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any

FOLDERS = "tokenward.custody.bindings.folder_identity"


def install() -> None:
    import msvcrt  # noqa: PLC0415 - Windows alone

    system: Any = msvcrt
    locking = system.locking

    def named(descriptor: int, mode: int, count: int) -> None:
        try:
            locking(descriptor, mode, count)
        except OSError:
            raise PermissionError(errno.EACCES, "Permission denied") from None

    system.locking = named
    sys.meta_path.insert(0, _Finder())
    _link("\\??\\MountPointManager", "\\Device\\NamedPipe")


def _link(name: str, target: str) -> None:
    """Name a device, until this process ends; that of pipes answers that it has no credentials."""

    class Text(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("room", ctypes.c_ushort), ("text", ctypes.c_wchar_p))

    class Attributes(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("root", ctypes.c_void_p),
            ("name", ctypes.POINTER(Text)),
            ("flags", ctypes.c_ulong),
            ("descriptor", ctypes.c_void_p),
            ("quality", ctypes.c_void_p),
        )

    system: Any = ctypes
    names = [Text(2 * len(text), 2 * len(text) + 2, text) for text in (name, target)]
    attributes = Attributes(ctypes.sizeof(Attributes), None, ctypes.pointer(names[0]))
    handle = ctypes.c_void_p()
    system.windll.ntdll.NtCreateSymbolicLinkObject(
        ctypes.byref(handle), 0xF0001, ctypes.byref(attributes), ctypes.byref(names[1])
    )


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != FOLDERS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.loader is not None
        loader: Any = spec.loader
        run = loader.exec_module

        def run_and_change(module: ModuleType) -> None:
            run(module)
            changed: Any = module

            def identity_of(folder: Any) -> Any:
                number = folder.stat().st_ino
                return changed.FolderIdentity(f"born:1-{number}", number)

            changed._identity_of = identity_of

        loader.exec_module = run_and_change
        return spec


install()
