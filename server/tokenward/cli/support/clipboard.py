"""Copying a value to the clipboard for as long as pasting takes."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable

from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.model import Secret

SECONDS = 30


def copy_for_a_while(secret: Secret) -> None:
    """Copy a value; clear it after a while or at a signal, unless something else was copied meanwhile.

    Raises:
        TokenwardError: there is no clipboard, or it did not accept the value.
    """
    copy, paste = _find_clipboard()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            copy(secret.reveal())
            if not _holds(paste, secret):
                raise TokenwardError(
                    "The clipboard did not accept the value; check that this session has a display."
                )
            say(f"Copied. The clipboard is cleared in {SECONDS} s; press Ctrl-C to clear it now.")
            time.sleep(SECONDS)
    finally:
        if _holds(paste, secret):
            copy("")


def _holds(paste: Callable[[], str], secret: Secret) -> bool:
    try:
        pasted = paste()
    except (OSError, UnicodeDecodeError):  # a picture, say
        return False
    # Systems store line ends differently.
    return Secret("\n".join(pasted.split())) == Secret("\n".join(secret.reveal().split()))


def _find_clipboard() -> tuple[Callable[[str], object], Callable[[], str]]:
    import pyperclip

    copy, paste = pyperclip.determine_clipboard()
    # A missing clipboard is a falsy object; Klipper gets the value on a command line, where everybody can read it.
    if not bool(copy) or getattr(copy, "__name__", "") == "copy_klipper":
        raise TokenwardError("No clipboard was found; on Linux, install wl-clipboard, xclip or xsel.")
    return copy, paste
