"""The clipboard, for as long as it takes to paste."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.model import Secret

SECONDS = 30

_Clipboard: TypeAlias = "tuple[Callable[[str], object], Callable[[], str]]"


def copy_for_a_while(secret: Secret) -> None:
    """Copy a value; clear the clipboard after a while or at a signal, unless something else was copied since.

    Raises:
        TokenwardError: there is no clipboard, or it did not take the value.
    """
    clipboard = _clipboard()
    with _cleared_at_the_end(clipboard, secret):
        clipboard[0](secret.reveal())
        if not _holds(clipboard, secret):
            raise TokenwardError(
                "The clipboard did not take the value; see whether this session has a display."
            )
        say(f"Copied; it is cleared in {SECONDS} s, or now by Ctrl-C.")
        time.sleep(SECONDS)


@contextlib.contextmanager
def _cleared_at_the_end(clipboard: _Clipboard, secret: Secret) -> Iterator[None]:
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        if _holds(clipboard, secret):
            clipboard[0]("")


def _holds(clipboard: _Clipboard, secret: Secret) -> bool:
    try:
        pasted = clipboard[1]()
    except (OSError, UnicodeDecodeError):  # a picture, say
        return False
    # Systems differ in how they keep line ends.
    return Secret("\n".join(pasted.split())) == Secret("\n".join(secret.reveal().split()))


def _clipboard() -> _Clipboard:
    import pyperclip

    copy, paste = pyperclip.determine_clipboard()
    # None at all is a falsy object; Klipper is given the value on a command line, where everybody can read it.
    if not bool(copy) or getattr(copy, "__name__", "") == "copy_klipper":
        raise TokenwardError("There is no clipboard here; on Linux install wl-clipboard, xclip or xsel.")
    return copy, paste
