"""Asks this user's daemon to do the work of a command; the standard library alone, so that it starts at once.

It is part of every command, and also a program: `python -I -S thin_client.py TOOL WORDS…` is a credential helper,
and with `run` as the tool, `tokenward run`. Whatever no daemon answers, the full program does.

A message is four bytes of length and its fields, each with four bytes of length. The daemon first sends one byte; then
the client sends words and input, and the daemon answers with an exit code, output and messages, or with no field if
the command has to do the work itself.
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

SWITCH = "TOKENWARD_DAEMON"
"""The variable that turns the daemon off."""
LARGEST = 1_000_000
"""Bytes of a message."""
AGENT_SHELL = "-agent-shell"
"""What follows our program's path in that of the program by which an agent starts its shell, as its settings say."""
SHELL_PREFIX = "CLAUDE_CODE_SHELL_PREFIX"
"""The variable with which they say so."""
HELPERS = ("git", "docker")
"""The tools whose helpers read a request."""
READY = b"+"
GREETING_SECONDS = 0.5
ANSWER_SECONDS = 8.0
LENGTH = 4
"""Bytes of a length."""
_PEER = 12
"""Bytes of `struct ucred`: process, user and group."""
_PEER_HANDLE = 77
"""SO_PEERPIDFD."""
_NO_SUCH_OPTION = 92
"""ENOPROTOOPT."""
_PACKAGE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib takes a while to load
DAEMON = ("-I", "-m", "tokenward.cli", "daemon", "--serve")
"""The daemon's command line, after the interpreter; it answers hooks too."""
HOOKS_DAEMON = (*DAEMON, "--hooks")
"""That of a daemon for agents' hooks alone, as an agent may start it; the other takes its place."""
HOOK_SECONDS = 10.0
"""Seconds for an answer to a hook; then the full program has its own."""
_VIEW = ("ns/mnt", "ns/pid", "ns/user", "root")
_FULL = "import sys; from tokenward.cli.main import help_tool_and_exit; help_tool_and_exit(sys.argv.pop(1))"
_FULL_RUN = "from tokenward.cli.main import main; main()"
_REFUSE = (
    "import os, sys; from tokenward.cli.run.run import refuse_to_start; code = int(sys.argv[1]);"
    "refuse_to_start(sys.argv[2:], OSError(code, os.strerror(code)))"
)
_RUN_FLAGS = ("--no-mask", "--no-env-file")
_NO_INTERPRETER_LINE = 8
"""ENOEXEC."""


def socket_path(daemon: tuple[str, ...] = DAEMON, session: int = 0) -> str:
    """Return the path of the daemon's socket of a session, such as this process's; empty if no folder is private."""
    if sys.platform != "linux" or os.environ.get(SWITCH) == "off":
        return ""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    folder = os.path.join(runtime, "tokenward")  # noqa: PTH118
    if not os.path.isabs(runtime) or not is_private(runtime):  # noqa: PTH117
        return ""
    # Two installations have a daemon each, and so have two sessions.
    from binascii import crc32  # noqa: PLC0415 - a module of C

    name = "hooks" if daemon == HOOKS_DAEMON else "daemon"
    path = f"{folder}/{name}-{crc32(os.fsencode(_PACKAGE)):08x}-{session or os.getsid(0)}.sock"
    return path if len(os.fsencode(path)) < 100 else ""


def is_private(folder: str) -> bool:
    """Return whether a path is a folder, and no link to one, that only this user may enter."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    is_own = found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077
    return stat.S_ISDIR(found.st_mode) and is_own


def ask(
    words: list[str], given: bytes = b"", daemon: tuple[str, ...] = DAEMON
) -> tuple[int, bytes, bytes] | None:
    """Return the exit code, the output and the messages of a command; None if it has to do the work itself."""
    connection = connected(daemon)
    if connection is None:
        return None
    try:
        connection.sendall(packed([b"\0".join(map(os.fsencode, words)), given]))
        fields = unpacked(received(connection.recv))
    except (OSError, ValueError):
        return None
    finally:
        connection.close()
    if len(fields) != 3:
        return None
    return int(fields[0]), fields[1], fields[2]


def connected(daemon: tuple[str, ...]):  # type: ignore[no-untyped-def] # noqa: ANN201 - a class of C
    """Return a connection to a daemon that is ready for a request; None without one."""
    path = socket_path(daemon)
    if not path or not is_private(os.path.dirname(path)):  # noqa: PTH120
        return None
    return next(filter(None, (_connected(daemon, session) for session in sessions())), None)


def _connected(daemon: tuple[str, ...], session: int):  # type: ignore[no-untyped-def] # noqa: ANN202
    """Return a connection to the daemon of a session; nothing is sent to any other process."""
    import _socket  # noqa: PLC0415 - `socket` takes three times as long to load

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(GREETING_SECONDS)
        connection.connect(socket_path(daemon, session))
        peer = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _PEER)
        pid, user = (int.from_bytes(peer[at : at + 4], sys.byteorder) for at in (0, 4))
        is_ours = user == os.geteuid() and _facts(pid)[1] == session
        is_ours = is_ours and (is_daemon(pid, daemon) or is_daemon(pid)) and _is_listening_still(connection)
        if is_ours and connection.recv(1) == READY:
            connection.settimeout(HOOK_SECONDS if daemon == HOOKS_DAEMON else ANSWER_SECONDS)
            return connection
    except (OSError, ValueError):
        pass
    connection.close()
    return None


def sessions() -> list[int]:
    """Return this process's session, and without a terminal also the one around it, as that of an agent's hook.

    A process is born into the session of the one that starts it; it can leave that, but join no other. Agents start
    each command in a session of its own, so what is in one of these was started by no other agent's command.
    """
    found: list[int] = []
    process, youngest, has_terminal = os.getpid(), None, False
    while process > 0 and not (has_terminal and found):
        try:
            parent, session, terminal, started = _facts(process)
        except (OSError, ValueError):
            break
        if youngest is not None and started > youngest:
            # The parent has ended, and its id is another's.
            break
        # Zero stands for any session outside of a container.
        if session > 0 and session not in found:
            found.append(session)
        process, youngest, has_terminal = parent, started, terminal != 0
    return found[:2]


def _facts(pid: int) -> tuple[int, int, int, int]:
    """Return the parent of a process, its session, its controlling terminal, and when it started."""
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
        # The name may contain anything, even brackets.
        fields = file.read().rpartition(b")")[2].split()
    return int(fields[1]), int(fields[3]), int(fields[4]), int(fields[19])


def _is_listening_still(connection) -> bool:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Return whether the process that opened the socket runs, so that its id was no other's; before Linux 6.5, True."""
    import select  # noqa: PLC0415 - a module of C

    try:
        handle = connection.getsockopt(1, _PEER_HANDLE)
    except OSError as error:
        return error.errno == _NO_SUCH_OPTION
    try:
        return not select.select([handle], [], [], 0)[0]
    finally:
        os.close(handle)


def is_daemon(pid: int, daemon: tuple[str, ...] = DAEMON) -> bool:
    """Return whether a process runs this interpreter with a daemon's command line, as this process sees the system.

    That is no proof: any process of the user can look like it.
    """
    try:
        words, own = command_line(pid), command_line("self")
        same = os.path.samefile(f"/proc/{pid}/exe", "/proc/self/exe")  # noqa: PTH121
    except OSError:
        return False
    # The build for Alpine Linux starts its Python by a loader, whose own arguments come first.
    loader = own[1 : 1 + len(own) - len(sys.orig_argv)]
    return same and words[1:] == [*loader, *map(os.fsencode, daemon)] and shares_view(pid)


def command_line(pid: int | str) -> list[bytes]:
    """Return the command line of a process."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
        return file.read().split(b"\0")[:-1]


def shares_view(pid: int) -> bool:
    """Return whether a process sees the same users, processes and files as this one."""
    try:
        views = [[os.stat(f"/proc/{one}/{part}") for part in _VIEW] for one in (pid, "self")]  # noqa: PTH116
    except OSError:
        return False
    return all(map(os.path.samestat, *views))


def packed(fields: list[bytes]) -> bytes:
    """Return a message."""
    body = b"".join(len(field).to_bytes(LENGTH, "big") + field for field in fields)
    return len(body).to_bytes(LENGTH, "big") + body


def unpacked(body: bytes) -> list[bytes]:
    """Return the fields of a message without its length.

    Raises:
        ValueError: it is not a message.
    """
    fields = []
    while body:
        length = int.from_bytes(body[:LENGTH], "big")
        end = LENGTH + length
        if len(body) < end:
            raise ValueError
        fields.append(body[LENGTH:end])
        body = body[end:]
    return fields


def received(receive) -> bytes:  # type: ignore[no-untyped-def] # noqa: ANN001 - `typing` takes a while to load
    """Return a message without its length, from a function that returns up to as many bytes as it is asked for.

    Raises:
        ValueError: it is too long, or cut off.
    """
    content = b""
    wanted = LENGTH
    while len(content) < wanted:
        portion = receive(wanted - len(content))
        content += portion
        if not portion:
            raise ValueError
        if len(content) == LENGTH == wanted:
            wanted += int.from_bytes(content, "big")
            if wanted > LARGEST:
                raise ValueError
    return content[LENGTH:]


def is_get(words: list[str]) -> bool:
    """Return whether a command line is `get NAME`."""
    return len(words) == 2 and words[0] == "get" and words[1][:1] not in {"", "-"}


def is_hook(words: list[str]) -> bool:
    """Return whether a command line is `agents hook AGENT`."""
    return len(words) == 3 and words[:2] == ["agents", "hook"] and words[2][:1] != "-"


def is_masked(words: list[str]) -> bool:
    """Return whether a command line is `exec --mask -- PROGRAM …`, with a path for the program."""
    return words[:3] == ["exec", "--mask", "--"] and len(words) > 3 and os.path.isabs(words[3])  # noqa: PTH117


def command_of(words: list[str]) -> list[str]:
    """Return the command of a `run` that changes none of its files; empty if a daemon does not know its options."""
    if words[:1] != ["run"]:
        return []
    rest = words[1:]
    while rest[:1] and rest[0] in _RUN_FLAGS:
        rest = rest[1:]
    rest = rest[1:] if rest[:1] == ["--"] else rest if rest[:1] and rest[0][:1] != "-" else []
    return rest if rest[:1] != [""] else []


def is_run(words: list[str]) -> bool:
    """Return whether a daemon may answer a `run`: this process needs no values to mask them in the output."""
    if os.name == "nt" or not command_of(words):
        return False
    return "--no-mask" in words[: -len(command_of(words))] or not is_output_captured()


def is_output_captured() -> bool:
    """Return whether standard output or standard error goes anywhere but to a terminal or the null device."""
    for descriptor in (1, 2):
        try:
            found = os.fstat(descriptor)
        except OSError:
            continue
        # Windows has no numbers for devices, and takes its null device for a terminal.
        is_device = stat.S_ISCHR(found.st_mode) and os.name != "nt"
        is_null = is_device and found.st_rdev == os.stat(os.devnull).st_rdev  # noqa: PTH116
        if not is_null and not os.isatty(descriptor):
            return True
    return False


def start_answered(words: list[str], output: bytes) -> NoReturn:
    """Become the command of a `run`, from the daemon's answer: the program's path, then its variables."""
    program, *variables = unpacked(output)
    command = command_of(words)
    try:
        become(os.fsdecode(program), command, dict(one.split(b"=", 1) for one in variables))
    except OSError as error:
        refusal = [sys.executable, "-I", "-c", _REFUSE, str(error.errno), *command]
    os.execv(sys.executable, refusal)  # noqa: S606


def become(program: str, command: list[str], variables: dict[bytes, bytes]) -> NoReturn:
    """Replace this process with a command.

    Raises:
        OSError: the system does not start it.
    """
    import _signal  # type: ignore[import-not-found] # noqa: PLC0415 - `signal` takes a while to load

    # Python ignores these, and an ignored signal stays ignored across exec.
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(_signal, name):
            _signal.signal(getattr(_signal, name), _signal.SIG_DFL)
    try:
        os.execve(program, command, variables)  # noqa: S606
    except OSError as error:
        if error.errno != _NO_INTERPRETER_LINE:
            raise
    # A script without an interpreter line, which execvp and every shell run like this.
    os.execve("/bin/sh", ["sh", program, *command[1:]], variables)  # noqa: S606


def hook_input() -> tuple[bytes, bool]:
    """Return what an agent sent to its hook before it stopped for a while, and whether that is all."""
    import select  # noqa: PLC0415 - a module of C

    given = b""
    while len(given) < LARGEST and select.select([0], [], [], GREETING_SECONDS)[0]:
        portion = os.read(0, LARGEST)
        if not portion:
            return given, True
        given += portion
    return given, False


def request_of(tool: str, words: list[str]) -> tuple[list[str], bytes] | None:
    """Return a helper's words and its input, if a daemon may answer; its input is read only then."""
    if os.isatty(1) or (tool in HELPERS and words != ["get"]) or not socket_path():
        return None
    given = b""
    while tool in HELPERS and len(given) < LARGEST and (portion := os.read(0, 65536)):
        given += portion
    return ["credential", tool, *words], given


def main() -> None:
    """Answer a tool that asks this program."""
    tool, *words = sys.argv[1:] or [""]
    if tool == "run":
        _run(sys.argv[1:])
    request = request_of(tool, words)
    if request is not None:
        answer = ask(*request)
        if answer is not None:
            sys.exit(print_answer(answer))
        # The full program reads the input again.
        again = os.memfd_create("request")
        write_all(again, request[1])
        os.lseek(again, 0, os.SEEK_SET)
        os.dup2(again, 0)
    os.execv(sys.executable, [sys.executable, "-I", "-c", _FULL, tool, *words])  # noqa: S606


def _run(words: list[str]) -> NoReturn:
    answer = ask(words) if is_run(words) else None
    if answer is not None:
        code, output, messages = answer
        write_all(2, messages)
        if code:
            sys.exit(code)
        start_answered(words, output)
    os.execv(sys.executable, [sys.executable, "-I", "-c", _FULL_RUN, *words])  # noqa: S606


def print_answer(answer: tuple[int, bytes, bytes]) -> int:
    """Print what a command would, and return its exit code."""
    code, output, messages = answer
    write_all(1, output)
    write_all(2, messages)
    return code


def write_all(descriptor: int, content: bytes) -> None:
    """Write everything."""
    while content:
        content = content[os.write(descriptor, content) :]


if __name__ == "__main__":
    main()
