"""Finds the program of a command, and starts it on Windows."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

from tokenward.errors import TokenwardError

_BATCH_ENDINGS = (".bat", ".cmd")
_PLAIN = re.compile(r"[A-Za-z0-9#$*+\-./:?@\\_]+")
"""An argument that a batch file receives unchanged without quotes."""
_USUAL_PATHEXT = ".COM;.EXE;.BAT;.CMD"


def find_program(name: str) -> str | None:
    """Return the path of a command on this process's own PATH, or None.

    A name without a folder is never searched in the current folder, which may be a stranger's repository: neither for
    an empty or relative entry of PATH, nor as Windows does. A file that cannot be executed is returned if there is
    no better one, so that the system says why.
    """
    folders = [""]
    if not os.path.dirname(name):  # noqa: PTH120 - the name need not be a clean path
        entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
        entries = [one.strip('"') for one in entries] if os.name == "nt" else entries
        folders = [one for one in entries if os.path.isabs(one)]  # noqa: PTH117
    names = windows_names(name, os.environ.get("PATHEXT", "")) if os.name == "nt" else [name]
    second_best = None
    for path in (os.path.join(folder, each) for folder in folders for each in names):  # noqa: PTH118
        if os.path.isfile(path):  # noqa: PTH113
            if os.access(path, os.X_OK):
                return path
            second_best = second_best or path
    return second_best


def windows_names(name: str, pathext: str) -> list[str]:
    """Return the file names that a command's name may mean on Windows, best first.

    Every file can be executed there, so a name without one of PATHEXT's endings comes last: beside `npm.cmd` is a
    shell script called `npm`.
    """
    endings = [ending for ending in pathext.split(";") if ending] or _USUAL_PATHEXT.split(";")
    longer = [name + ending for ending in endings]
    has_ending = name.lower().endswith(tuple(ending.lower() for ending in endings))
    return [name, *longer] if has_ending else [*longer, name]


def windows_start(program: str, arguments: Sequence[str]) -> tuple[str, str | list[str]]:
    """Return the program to start on Windows, and its argument list or, for a batch file, its command line."""
    # The system drops blanks and dots at the end of a file's name.
    if not program.rstrip(" .").lower().endswith(_BATCH_ENDINGS):
        return program, [program, *arguments]
    # The system's own command processor; neither COMSPEC nor PATH may name another.
    if sys.platform != "win32":
        raise NotImplementedError
    import ctypes  # noqa: PLC0415 - loaded for batch files alone

    folder = ctypes.create_unicode_buffer(260)
    ctypes.windll.kernel32.GetSystemDirectoryW(folder, len(folder))
    return folder.value + "\\cmd.exe", batch_command_line(program, arguments)


def batch_command_line(script: str, arguments: Sequence[str]) -> str:
    """Return the command line with which cmd.exe passes arguments to a batch file unchanged.

    The command processor interprets `&`, `|`, `%` and others in them, whatever the quoting for other programs. The
    form is that of Rust's standard library (`make_bat_command_line`), a fix for CVE-2024-24576.

    Raises:
        TokenwardError: an argument has a character that no quoting gets past the command processor.
    """
    if any(set("\r\n\0") & set(text) for text in (script, *arguments)) or '"' in script:
        raise TokenwardError(
            "A batch file accepts no argument with a line break; pass it in a file or a variable."
        )
    quoted = " ".join([f'"{script}"', *map(_for_batch, arguments)])
    # cmd.exe removes the outer quotes. Other settings of extensions and delayed expansion make it interpret more signs.
    return f'cmd.exe /e:ON /v:OFF /d /c "{quoted}"'


def _for_batch(argument: str) -> str:
    if _PLAIN.fullmatch(argument) and not argument.endswith("\\"):
        return argument
    # Backslashes are doubled before a quote, for the program to which the batch file passes its arguments.
    escaped = re.sub(r'(\\*)"', r'\1\1""', argument)
    escaped = re.sub(r"(\\+)\Z", r"\1\1", escaped)
    # `%cd:~,%` is always empty, and leaves no pair of `%` around a name.
    return '"' + escaped.replace("%", "%%cd:~,%") + '"'
