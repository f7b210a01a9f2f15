"""What Linux and macOS can do with files and Python does not offer."""

from __future__ import annotations

import ctypes
import sys

_ACCESS_LIST, _ATTRIBUTES = 1 << 0, 1 << 2
"""Of fcopyfile."""


def copy_access(original: int, copy: int) -> bool:
    """Give one open file the access control list and the attributes of another on macOS; False where that fails."""
    if sys.platform != "darwin":
        return True
    flags = ctypes.c_uint32(_ACCESS_LIST | _ATTRIBUTES)
    return int(ctypes.CDLL(None).fcopyfile(original, copy, None, flags)) == 0
