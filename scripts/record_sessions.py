"""Makes fixtures/streams/*.raw: the bytes that real programs send to a terminal of 80 columns.

    python scripts/record_sessions.py [NAME ...]

It needs bash, git, less, npm, tmux and vim. In place of a token, each shows a placeholder of the same width, which
`tests/recordings.py` replaces. The programs run in a new folder with an environment of their own, so the recordings
hold nothing about this machine.
"""

from __future__ import annotations

import fcntl
import os
import pty
import random
import select
import shutil
import signal
import struct
import sys
import termios
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from recordings import COLUMNS, FOLDER, PLACEHOLDER

ROWS = 24
PLACE = Path("/tmp/w")
WHEEL = "acme-1.0-py3-none-any.whl"
QUIET = 0.6
"""Seconds of silence after which a program is waiting for a key."""
LONGEST = 30.0
ENVIRONMENT = {
    "HOME": str(PLACE),
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "LESS": "-R",
    "LESSHISTFILE": "-",
    "NO_UPDATE_NOTIFIER": "1",
    "PS1": "$ ",
}
SHELL = ("bash", "--noprofile", "--norc", "-i")
RICH = """
import time
from rich.console import Console
from rich.progress import track
from rich.table import Table
console = Console(force_terminal=True, width=80, color_system="256", legacy_windows=False)
console.print(f"[bold green]signed in[/] with [cyan]{token}[/]")
for step in track(range(40), description="Installing", console=console, transient=False):
    if step == 20:
        console.print({"token": token, "user": "ada"})
    time.sleep(0.02)
table = Table("name", "value")
table.add_row("GITHUB_TOKEN", token)
console.print(table)
"""
BAR = """
import sys, time
for step in range(0, 101, 4):
    bar = "#" * (step // 4)
    sys.stdout.write(f"\\r{step:3}% |{bar:25}| https://build:{token}@git.example.org/a.git")
    sys.stdout.flush()
    time.sleep(0.01)
print("\\r\\033[Kdone")
"""
SERVER = """
print("[I 2026-01-01 00:00:00.000 ServerApp] Jupyter Server 2.14.0 is running at:")
print(f"[I 2026-01-01 00:00:00.000 ServerApp] http://localhost:8888/tree?token={token}")
print("\\033]0;notebook\\007", end="")
print(f"    \\033]8;;http://127.0.0.1:8888/?token={token}\\033\\\\open it\\033]8;;\\033\\\\")
"""
TABLE = """
rows = [("NAME", "READY", "STATUS", "ENV"), ("api-7d9", "1/1", "Running", f"GITHUB_TOKEN={token}"),
        ("web-55c", "0/1", "CrashLoopBackOff", "PORT=80")]
for name, ready, status, env in rows:
    colour = {"Running": 32, "CrashLoopBackOff": 31}.get(status, 1)
    print(f"{name:10}{ready:8}\\033[{colour}m{status:18}\\033[0m{env}")
"""
PIP = f"""
"$0" -m http.server 8899 --bind 127.0.0.1 >/dev/null 2>&1 & server=$!
sleep 1
"$0" -m pip download --no-deps --dest out --no-cache-dir --disable-pip-version-check --no-color \\
    "http://127.0.0.1:8899/{WHEEL}?token={PLACEHOLDER}"
kill $server
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A program, and the keys to send each time that it waits."""

    command: Sequence[str]
    keys: Sequence[str] = ()


def python(code: str) -> Session:
    return Session([sys.executable, "-c", f"token = {PLACEHOLDER!r}\n{code}"])


SESSIONS = {
    "bash": Session(
        SHELL,
        [
            f"export GITHUB_TOKEN={PLACEHOLDER} GITHUB_API_ADDRESS=https://git.example.org\r",
            "\x1b[A",
            "\x01" + "echo ",
            "\x05\x17\x17",
            "\r",
            f"echo a-line-that-is-so-long-that-it-wraps {PLACEHOLDER}\x1b[D\x1b[D\x7f" + PLACEHOLDER[-3],
            "\r",
            "exit\r",
        ],
    ),
    "git-log": Session(["git", "--no-pager", "log", "-p", "--color=always"]),
    "git-diff-in-less": Session(
        ["git", "-c", "core.pager=less -R", "diff", "--color=always"], [" ", "k", "q"]
    ),
    "git-words": Session(["git", "--no-pager", "diff", "--color=always", "--word-diff"]),
    "less": Session(["less", "app.log"], [" ", "/token\r", "n", "\x1b[A\x1b[A", "q"]),
    "npm": Session(["npm", "--offline", "--no-update-notifier", "run", "show"]),
    "pip": Session(["sh", "-c", PIP, sys.executable]),
    "progress-bar": python(BAR),
    "rich": python(RICH),
    "server": python(SERVER),
    "table": python(TABLE),
    "tmux": Session(
        ["tmux", "-S", "tmux.socket", "-f", "tmux.conf", "new-session", "-x", "80", "-y", "24", *SHELL],
        ["cat .env\r", "clear; grep -n token app.log | tail -3\r", "exit\r"],
    ),
    "vim": Session(
        ["vim", "-u", "NONE", "-i", "NONE", "-c", "set nocompatible hlsearch number", ".env"],
        ["/TOKEN\r", "jjA # a comment\x1b", "u", "oexport A=1\x1b", ":q!\r"],
    ),
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or SESSIONS:
        shutil.rmtree(PLACE, ignore_errors=True)
        _make_place()
        received = _record(SESSIONS[name])
        if any(word in received for word in _words_of_this_machine()):
            sys.exit(f"record: {name} shows something of this machine; nothing was written")
        FOLDER.joinpath(f"{name}.raw").write_bytes(received)
        print(
            f"{name:20}{len(received):8,} bytes, {received.count(PLACEHOLDER.encode())} placeholders in one piece"
        )
    shutil.rmtree(PLACE, ignore_errors=True)


def _make_place() -> None:
    """Create a repository with a change, a log, and a package with a script."""
    PLACE.mkdir()
    lines = [f"2026-01-01T00:00:{n:02}Z INFO request {n} took {n * 7 % 50} ms" for n in range(60)]
    lines[30] += f" token={PLACEHOLDER} user=ada"
    files = {
        "app.log": "\n".join(lines) + "\n",
        ".env": f"# settings\nDATABASE=acme\nGITHUB_TOKEN={PLACEHOLDER}\nLONG_ONE={'x' * 90} {PLACEHOLDER}\n",
        "package.json": '{"name": "a", "version": "1.0.0", "scripts": {"show": "echo token: '
        + PLACEHOLDER
        + '"}}\n',
        "tmux.conf": "set -g status off\nset -g default-terminal screen-256color\n",
    }
    for name, text in files.items():
        PLACE.joinpath(name).write_text(text, "utf-8")
    with zipfile.ZipFile(PLACE / WHEEL, "w") as wheel:
        wheel.writestr("acme.py", random.Random(1).randbytes(300_000))
        wheel.writestr("acme-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        wheel.writestr("acme-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("acme-1.0.dist-info/RECORD", "")
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", ".env"],
        ["commit", "-q", "-m", f"Use {PLACEHOLDER}"],
    ):
        _run(["git", *command])
    PLACE.joinpath(".env").write_text(
        files[".env"].replace("acme", "acme2").replace("=" + PLACEHOLDER, ""), "utf-8"
    )


def _run(command: Sequence[str]) -> None:
    if os.spawnvpe(os.P_WAIT, command[0], ["git", "-C", str(PLACE), *command[1:]], ENVIRONMENT):
        sys.exit(f"record: {' '.join(command)} failed")


def _record(session: Session) -> bytes:
    process, terminal = pty.fork()
    if not process:
        os.chdir(PLACE)
        os.execvpe(session.command[0], list(session.command), ENVIRONMENT)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    os.kill(process, signal.SIGWINCH)
    parts, keys, waited = [], list(session.keys), 0.0
    while waited < LONGEST:
        if select.select([terminal], [], [], QUIET)[0]:
            try:
                parts.append(os.read(terminal, 65_536))
            except OSError:
                break
        elif keys:
            os.write(terminal, keys.pop(0).encode())
        else:
            waited += QUIET
    else:
        os.kill(process, signal.SIGKILL)
        sys.exit(f"record: {session.command[0]} did not end")
    os.close(terminal)
    os.waitpid(process, 0)
    return b"".join(parts)


def _words_of_this_machine() -> list[bytes]:
    names = {os.uname().nodename, str(Path.home()), str(Path(__file__).parent.parent), str(Path(sys.prefix))}
    return [name.encode() for name in names if len(name) > 2]


if __name__ == "__main__":
    main()
