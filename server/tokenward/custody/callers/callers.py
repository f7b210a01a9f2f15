"""The caller of a command: its process and those that started it, and whether one hides what started it.

What opened its terminal counts only by what it cannot choose.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from struct import Struct

from tokenward.custody.callers.processes import (
    DEEPEST,
    Process,
    control_group,
    folder_of,
    lineage,
    process_ids,
)
from tokenward.custody.callers.starters import AGENT, PERSON, USERS, agent_of, is_alone, services_of, unit_in
from tokenward.fast_dataclasses import dataclass

_SOON = 10.0
"""Seconds after the start of a container's first process in which it starts its services."""
_SYSTEMD = Path("/run/systemd/system")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_PROC = Path("/proc")
_AS_NODE = "ELECTRON_RUN_AS_NODE"
_OPEN, _LISTENS = "01", "0A"
_MAPPED = "0000000000000000FFFF0000"  # what an IPv4 address starts with in the table of IPv6
_MOST_PROCESSES = 10_000
_SOCKET_DIAGNOSIS, _BY_FAMILY, _SHOW_PEER, _PEER, _ANY = 4, 20, 4, 2, 0xFFFF_FFFF
_QUESTION = Struct("=IHHIIBBHIIIII")
"""`struct nlmsghdr` and `struct unix_diag_req`."""
_ANSWER = Struct("=4xH26x2xHI")
"""The type of an answer, and the first field after `struct unix_diag_msg`."""
LONGEST_CHAIN = 12
LONGEST_NAME = 64
_OF_PLACES = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "LOCALAPPDATA")
"""The variables that say where a user's settings are."""
_ARROW = "←"
"""The text between a process and the one that started it."""
HIDDEN = "something behind a very long chain of programs"
"""Shown instead of an assistant's name if the chain is too long to follow, which only a hiding program would cause."""
DETACHED = "a detached process (nohup, setsid)"
"""Shown instead of an assistant's name."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process.

    Attributes:
        name: the program's name, printable, without arguments.
    """

    pid: int
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A process that requests a token, with its ancestors.

    Attributes:
        chain: the process, the one that started it, and so on.
        agent: the product name of the AI assistant among them; empty if none is known.
        is_unattended: none of them has a terminal or is the editor, so perhaps nobody knows of the request.
        is_detached: they may hide an assistant that started them.
        agent_process: identifies the running assistant, as `PID at START`; empty if none is known.
        is_alone: the assistant says that nobody attends its session.
        services: the services, jobs, hooks and CI among what started them, by name.
        has_own_settings: it may have been sent to other settings than its user's, by variables that an agent changed.
    """

    chain: tuple[Ancestor, ...]
    agent: str = ""
    is_unattended: bool = False
    is_detached: bool = False
    agent_process: str = ""
    is_alone: bool = False
    services: tuple[str, ...] = ()
    has_own_settings: bool = False

    @property
    def possible_agent(self) -> str:
        """Return the acting assistant, or a description of a process that may hide one; empty for a person.

        Whatever is decided by whether an assistant asks is decided by this.
        """
        return self.agent or (DETACHED if self.is_detached else "")

    @property
    def starters(self) -> frozenset[str]:
        """Return what started the process, by the names that a lease can hold; empty if it is not known."""
        if self.possible_agent:
            return frozenset({AGENT})
        is_person = not self.services and not self.is_unattended
        return frozenset({PERSON}) if is_person else frozenset(self.services)

    @property
    def parents(self) -> list[str]:
        """Return the processes in words, each as `name (pid)`, the nearest first."""
        return [f"{one.name} ({one.pid})" for one in self.chain]

    def to_json(self) -> Mapping[str, str | bool | Sequence[str]]:
        """Return the ledger's detail: `parents`, and what else is known."""
        known: dict[str, str | bool | Sequence[str]] = {
            "agent": self.possible_agent,
            "services": list(self.services),
            "unattended": self.is_unattended,
        }
        return {"parents": self.parents, **{name: fact for name, fact in known.items() if fact}}


def caller(pid: int, editor: int = 0, *, answers: bool = False) -> Caller:
    """Return a process with its ancestors, as far as the system reports them; an assistant counts at any depth.

    `editor` is the process id of an editor whose user knows of its commands, if a person may be at it; 0 for none.
    With `answers`, the process has a person answer for others, which no service can.
    """
    processes = list(islice(lineage(pid), DEEPEST + 1))
    agents = [agent_of(one.variables, one.name, one.arguments) for one in processes]
    agent = next(filter(None, agents), HIDDEN if len(processes) > DEEPEST else "")
    running = [f"{one.pid} at {one.started}" for one, found in zip(processes, agents, strict=True) if found]
    by_editor = editor in [one.pid for one in processes]
    # Process 1 adopts every orphan, and has a terminal in a container.
    is_attended = by_editor or any(one.has_terminal for one in processes if one.pid != 1)
    hides = not agent and is_detached(processes, answers=answers or by_editor)
    return Caller(
        tuple(map(_ancestor, processes[:LONGEST_CHAIN])),
        agent,
        is_unattended=not is_attended,
        is_detached=hides,
        agent_process=next(reversed(running), ""),
        is_alone=any(is_alone(one.variables) for one in processes),
        services=() if by_editor else services_of(processes, is_attended=is_attended),
        has_own_settings=bool(agent or hides) and _has_own_settings(processes, agents),
    )


def known_agent(pid: int) -> str:
    """Return the assistant among what started a process that is detached on purpose; empty if none is known."""
    return caller(pid).agent


def topmost_agent(pid: int) -> str:
    """Return the assistant above all others, which cannot be named by what it starts; empty if none is known."""
    processes = list(islice(lineage(pid), DEEPEST + 1))
    if len(processes) > DEEPEST or is_detached(processes):
        return DETACHED
    agents = (agent_of(one.variables, one.name, one.arguments) for one in reversed(processes))
    return next(filter(None, agents), "")


def agent_folders(pid: int) -> Sequence[Path]:
    """Return where the topmost assistant may work, the likeliest first; nothing if that cannot be known.

    No command chooses the folder of what started it. An assistant known only by variables, which it gives its commands,
    is probably what started the topmost of these; an editor is elsewhere, and then the command's own folder is left.
    """
    processes = list(islice(lineage(pid), DEEPEST + 1))
    if len(processes) > DEEPEST or is_detached(processes):
        return ()
    marked = [agent_of(one.variables, one.name, one.arguments) for one in processes]
    top = max((place for place, agent in enumerate(marked) if agent), default=-1)
    found = processes[top : top + 2] if top >= 0 else []
    if found and agent_of({}, found[0].name, found[0].arguments):
        del found[1:]
    return [folder for one in reversed(found) if (folder := folder_of(one.pid))]


@cache
def server(editor: int) -> Caller:
    """Return this process as its editor's server, judged once: what started the editor may end before it."""
    return caller(os.getpid(), editor, answers=True)


def _has_own_settings(processes: Sequence[Process], agents: Sequence[str]) -> bool:
    """Return whether a process looks for settings elsewhere than the agents above it, or than its user's account."""
    places = [tuple(map(one.variables.get, _OF_PLACES)) for one in processes]
    above = [place for place, agent in zip(places, agents, strict=True) if agent]
    return set(places[:1]) != set(above or [(_home(), *[None] * (len(_OF_PLACES) - 1))])


def _home() -> str:
    """Return the home folder of this user's account, which no variable changes; empty if the system knows none."""
    try:
        import pwd  # noqa: PLC0415 - Windows has none

        return pwd.getpwuid(os.geteuid()).pw_dir
    except (ImportError, KeyError):
        return ""


def _ancestor(process: Process) -> Ancestor:
    # A name with an arrow in it would look like two processes.
    plain = "".join(one if one.isprintable() and one != _ARROW else "?" for one in process.name)
    return Ancestor(process.pid, plain[:LONGEST_NAME])


def is_detached(lineage: Sequence[Process], *, answers: bool = False) -> bool:
    """Return whether a process may hide what started it.

    The system's first process adopted its topmost ancestor, which neither the system started nor root owns, and what
    opened its terminal is no installed program that does so for a person. Without a terminal, the ancestor is no
    login, editor, or server of one and, unless the process has a person answer for others, no service. Only Linux
    reports enough.
    """
    # In a container, a process that is started from outside has no parent.
    if len(lineage) < 2 or lineage[-1].pid != 1 or lineage[0].session is None:
        return False
    # Whatever calls itself so gains nothing.
    below = [one for one in lineage[:-1] if one.name != "systemd"]
    if not below:
        return True
    top, first = below[-1], lineage[-1]
    if _is_started(top, by=first) or top.user == 0 != below[0].user:
        return False
    at_terminal = [place for place, one in enumerate(below) if one.has_terminal]
    if at_terminal:
        giver = below[min(at_terminal[-1] + 1, len(below) - 1)]
        return not (_gives_terminals(giver) or _is_editors_server(below))
    is_service = not answers and (_is_early(top, first) or _unit_begun_by(top).startswith(USERS))
    return not (_is_login(top) or _is_editor(top) or is_service or _is_editors_server(below))


def _is_started(top: Process, by: Process) -> bool:
    """Return whether the first process started a process itself, as the system's service manager or a container's."""
    if None in (top.session, by.session, top.started, by.started) or top.session == by.session:
        return True
    unit = _unit_begun_by(top)
    # Below the user's own manager, the user can start a unit of any name.
    return bool(unit) and not unit.startswith(USERS)


def _is_early(top: Process, first: Process) -> bool:
    """Return whether a container's first process may have started a process as one of its services."""
    return not _SYSTEMD.is_dir() and (top.started or 0) - (first.started or 0) < _SOON


def _unit_begun_by(top: Process) -> str:
    """Return the systemd service whose first process this is; an orphan of a service stays in its group."""
    group = control_group(top.pid)
    unit = unit_in(group)
    if not unit:
        return ""
    try:
        members = Path(f"{_CONTROL_GROUPS}{group}", "cgroup.procs").read_text("ascii").split()
    except OSError:
        return ""
    started = (next(lineage(int(pid)), top).started for pid in members)
    return "" if any((one or 0) < (top.started or 0) for one in started) else unit


def _gives_terminals(giver: Process) -> bool:
    if _is_multiplexer(giver.pid):
        return any(map(_is_persons, _clients(giver)))
    return _is_installed(giver.pid, "terminals") or _is_login(giver) or _is_editor(giver)


def _is_login(process: Process) -> bool:
    return process.user == 0 and _is_installed(process.pid, "logins")


def _is_editor(process: Process) -> bool:
    return not process.variables.get(_AS_NODE) and _is_installed(process.pid, "editors")


def _is_editors_server(chain: Sequence[Process], *, relayed: bool = True) -> bool:
    """Return whether a chain has an editor's server and a connection from no other program of its user's."""
    # Its folder alone proves nothing, and in a namespace of one's own neither does a connection.
    if not any(map(_is_in_servers_folder, chain)) or (_PROC / "sys").stat().st_uid:
        return False
    ends = _other_ends(chain)
    return any(end is None or _is_others(*end[1:], chain[-1].user, relayed=relayed) for end in ends)


def _is_in_servers_folder(process: Process) -> bool:
    """Return whether a process runs a program of an editor's server, or was started with a script of it."""
    scripts = filter(os.path.isabs, process.arguments)
    try:
        paths = [os.path.realpath(one) for one in (f"{_PROC}/{process.pid}/exe", *scripts)]
    except OSError:  # another user's process, or a hidden one
        return False
    return any(fnmatchcase(path, folder) for path in paths for folder in _catalog()["servers"])


def _other_ends(chain: Sequence[Process]) -> Iterator[tuple[str, int, int] | None]:
    """Yield the other ends of the connections that processes of a chain accepted; None for one elsewhere."""
    # Of one that opens or closes meanwhile, a single end might be seen.
    before, after = _sockets(), _sockets()
    held = {inode for process in chain for inode in _sockets_of(process.pid)}
    own = {ends: one for ends, one in after.items() if one[2] in held and before.get(ends) == one}
    ports = {local[-4:] for (local, _), one in own.items() if one[0] == _LISTENS}
    for (local, remote), one in own.items():
        if one[0] == _OPEN and local[-4:] in ports:
            yield (before | after).get((remote, local))


def _sockets() -> dict[tuple[str, str], tuple[str, int, int]]:
    """Return state, user and inode of the TCP sockets, by the addresses of both ends."""
    tables = [path.read_text("ascii").splitlines()[1:] for path in _PROC.glob("net/tcp*")]
    rows = [line.replace(_MAPPED, "").split() for table in tables for line in table]
    return {(row[1], row[2]): (row[3], int(row[7]), int(row[9])) for row in rows}


def _sockets_of(pid: int) -> Iterator[int]:
    return (one.st_ino for one in _opened(pid) if stat.S_ISSOCK(one.st_mode))


def _is_others(opener: int, inode: int, user: int | None, *, relayed: bool) -> bool:
    """Return whether an end of a connection is another user's, a login's or, if relayed, an editor's server's."""
    pids = process_ids()
    # An end without an inode is not accepted yet, or closed.
    if opener != user or not inode or len(pids) > _MOST_PROCESSES:
        return opener != user and bool(inode)
    for holder in (one for pid in pids if inode in _sockets_of(pid) for one in islice(lineage(pid), 1)):
        return _is_login(holder) or (relayed and _is_editors_server([holder], relayed=False))
    # The user's part of a login over SSH hides from the user what it has open.
    hiding = (pid for pid in pids if not os.access(_PROC / str(pid) / "fd", os.R_OK))
    pairs = (pair for pid in hiding for pair in islice(pairwise(lineage(pid)), 1))
    return any(one.user == user != 0 == parent.user and parent.pid != 1 for one, parent in pairs)


def _clients(server: Process) -> Iterator[Process]:
    """Yield the multiplexer's clients: those connected to the server, at a terminal that it has open.

    Screen's clients do not stay connected; one is taken for a client if no other screen has its terminal open.
    """
    shown = set(_devices_of(server.pid))
    peers = set(_peers(server.pid)) if shown else set()
    are_connected = _is_installed(server.pid, "multiplexers")
    for pid in process_ids() if shown else ():
        client = next(lineage(pid), None)
        if client is None or client.terminal not in shown or not _is_multiplexer(pid):
            continue
        if not peers.isdisjoint(_sockets_of(pid)) if are_connected else _is_only_shown_by(server, client):
            yield client


def _peers(pid: int) -> Iterator[int]:
    """Yield the inodes of what the kernel has connected to a process's Unix sockets; none where it does not tell."""
    import socket  # noqa: PLC0415 - few commands need it

    if sys.platform != "linux":
        return
    with suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCKET_DIAGNOSIS) as kernel:
        kernel.connect((0, 0))
        for inode in _sockets_of(pid):
            about = (socket.AF_UNIX, 0, 0, _ANY, inode, _SHOW_PEER, _ANY, _ANY)
            kernel.send(_QUESTION.pack(_QUESTION.size, _BY_FAMILY, 1, 0, 0, *about))
            answer = kernel.recv(_ANSWER.size)
            if len(answer) >= _ANSWER.size:
                kind, field, peer = _ANSWER.unpack_from(answer)
                yield from [peer] if (kind, field) == (_BY_FAMILY, _PEER) else []


def _is_only_shown_by(server: Process, client: Process) -> bool:
    """Return whether a client's terminal is open in no other server of the same name, to which it could belong."""
    others = (one for pid in process_ids() if pid != server.pid for one in islice(lineage(pid), 1))
    alike = (one for one in others if one.name == client.name and one.terminal != client.terminal)
    return client.name == server.name and not any(client.terminal in _devices_of(one.pid) for one in alike)


def _devices_of(pid: int) -> Iterator[int]:
    """Yield the numbers of the devices that a process has open, terminals among them."""
    return (one.st_rdev for one in _opened(pid) if stat.S_ISCHR(one.st_mode))


def _opened(pid: int) -> Iterator[os.stat_result]:
    with suppress(OSError):
        for entry in os.scandir(_PROC / str(pid) / "fd"):
            with suppress(OSError):
                yield os.stat(entry.path)  # noqa: PTH116 - not one of thousands of paths


def _is_persons(client: Process) -> bool:
    above = list(lineage(client.pid))
    by_agent = any(agent_of(one.variables, one.name, one.arguments) for one in above)
    # Two multiplexers could show each other.
    is_inside = any(_is_multiplexer(one.pid) for one in above[1:])
    return bool(above) and not by_agent and not is_inside and not is_detached(above)


def is_terminal_open() -> bool:
    """Return whether any program in a terminal can type into it, as Linux lets it where `legacy_tiocsti` is 1."""
    with suppress(OSError):
        return (_PROC / "sys/dev/tty/legacy_tiocsti").read_text("ascii").strip() == "1"
    return False


def _is_multiplexer(pid: int) -> bool:
    return _is_installed(pid, "multiplexers") or _is_installed(pid, "unconnected")


def _is_installed(pid: int, kind: str) -> bool:
    """Return whether a process runs a file of the catalog that only root can change."""
    running = _PROC / str(pid) / "exe"
    try:
        path = Path(os.readlink(running))  # noqa: PTH115 - the file may be gone
        if path.name not in _catalog()[kind]:
            return False
        # A user's own mounts can give any file that path, but not another file's owner and number.
        file = running.stat()
        return os.path.samestat(file, path.stat()) and all(map(_is_roots, (path, *path.parents)))
    except OSError:
        return False


def _is_roots(path: Path) -> bool:
    """Return whether only root can change a file or folder; as root counts who owns the system's settings.

    In a user's own namespace, the user's files seem to be root's, but those do not.
    """
    found = path.stat()
    return found.st_uid == (_PROC / "sys").stat().st_uid and not stat.S_IMODE(found.st_mode) & 0o022


@cache
def _catalog() -> dict[str, list[str]]:
    import tomllib  # noqa: PLC0415 - few commands need it

    return tomllib.loads(Path(__file__).with_name("terminals.toml").read_text("utf-8"))
