"""The interface of listeners to changes on disk, and the listener of this system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Protocol


class LimitReached(Exception):
    """The system allows no more listeners; the argument is its error number."""


class Listener(Protocol):
    """Reports changed paths in the folders that it watches."""

    is_sure: bool
    """Whether it reports lost changes."""

    def watch(self, folder: str) -> None:
        """Listen to a folder.

        Raises:
            OSError: it no longer exists, may not be read, or the system allows no more.
        """
        ...

    def forget(self, folder: str) -> None:
        """Stop listening to a folder."""
        ...

    def close(self) -> None:
        """Stop listening."""


ListenerFactory = Callable[[Sequence[str], Callable[[str], None], Callable[[], None]], Listener]
"""Creates a listener from the roots, a callback for a path, and one for lost changes."""


def system_listener(
    roots: Sequence[str], on_change: Callable[[str], None], on_loss: Callable[[], None]
) -> Listener:
    """Return the listener of this system.

    Raises:
        OSError: the system allows no more of them.
    """
    if sys.platform == "linux":
        from tokenward.sources.watch.watchdog_linux import FolderListener  # noqa: PLC0415 - only there can it be loaded

        return FolderListener(roots, on_change, on_loss)
    from tokenward.sources.watch.watchdog_tree import TreeListener  # noqa: PLC0415

    return TreeListener(roots, on_change, on_loss)
