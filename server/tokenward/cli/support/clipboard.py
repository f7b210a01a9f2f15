"""Copying to the clipboard: a value for as long as pasting takes, and a text without one."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from tokenward.child import import_path
from tokenward.errors import TokenwardError
from tokenward.model import Secret

SECONDS = 30
_MOST_SECONDS = 1.0
_KLIPPER = "copy_klipper"
"""It gets a text on a command line, where everybody can read it."""
_START = (
    "import sys; sys.path[:] = sys.argv[1:]; import pyperclip; copy, paste = pyperclip.determine_clipboard(); "
    f"getattr(copy, '__name__', '') == {_KLIPPER!r} and sys.exit(1); "
)
_PASTE = _START + "sys.stdout.buffer.write(paste().encode())"
_COPY = (
    _START + "text = sys.stdin.buffer.read().decode(); copy(text); sys.exit(paste().split() != text.split())"
)


def copy_for_a_while(secret: Secret) -> None:
    """Copy a value; clear it after a while or at a signal, unless something else was copied meanwhile.

    Raises:
        TokenwardError: there is no clipboard, or it did not accept the value.
    """
    from tokenward.cli.support.terminal import say

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


def copy_apart(text: str, is_kept: Callable[[str], bool]) -> bool | None:
    """Copy a text that holds no token; return whether it was copied, and None if what was copied before is to stay.

    It happens in processes of their own: a clipboard's program may hang, or go on and keep its output open.
    """
    held = _apart(_PASTE, "", subprocess.PIPE)
    if held is None:
        return False
    return None if is_kept(held) else _apart(_COPY, text, subprocess.DEVNULL) is not None


def _apart(code: str, text: str, output: int) -> str | None:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", code, *import_path()],
            input=text.encode("utf-8", "replace"),
            stdout=output,
            stderr=subprocess.DEVNULL,
            timeout=_MOST_SECONDS,
            check=True,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return (done.stdout or b"").decode("utf-8", "replace")


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
    # A missing clipboard is a falsy object.
    if not bool(copy) or getattr(copy, "__name__", "") == _KLIPPER:
        raise TokenwardError("No clipboard was found; on Linux, install wl-clipboard, xclip or xsel.")
    return copy, paste
