"""Which program a command's name means."""

from __future__ import annotations

import os
from collections.abc import Iterator


def find_program(name: str) -> str | None:
    """The path of a command, looked for on this process's own PATH; None when there is none.

    A name without a folder is never looked for in the current folder, which may be a stranger's repository: not by an
    empty or relative entry of PATH, nor by the custom of Windows. A file that cannot be executed is taken when
    there is no better, so that the system says why.
    """
    second_best = None
    for path in _candidates(name):
        if os.path.isfile(path):  # noqa: PTH113 - the name need not be a clean path
            if os.access(path, os.X_OK):
                return path
            second_best = second_best or path
    return second_best


def _candidates(name: str) -> Iterator[str]:
    folders = [""] if os.path.dirname(name) else _folders()  # noqa: PTH120
    endings = ["", *os.environ.get("PATHEXT", "").split(os.pathsep)] if os.name == "nt" else [""]
    for folder in folders:
        for ending in endings:
            yield os.path.join(folder, name) + ending  # noqa: PTH118


def _folders() -> list[str]:
    path = os.environ.get("PATH", os.defpath)
    return [folder for folder in path.split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117
