"""Forks `tokenward` off a process that has its modules and rules loaded already, which spares each test their load.

A fork is a process like any other: it has its own descriptors, environment, folder, session and exit code, and the
caller is its parent. Only what happens before `main()` is left out, and `/proc` shows the arguments of this script,
but the environment of the fork.
Inside a fork, the keyring's process is a fork as well.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import inspect
import io
import os
import pickle
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from cli_shell import PATIENT
from starts import take_terminal

_KEYRING = "tokenward.vault.worker_process"
COMMAND = str(Path(sys.executable).with_name("tokenward"))
_MODULE = [sys.executable, "-m", "tokenward.cli"]
_KILLED = [sys.executable, str(Path(__file__).with_name("killed.py"))]
_SET_NAME, _GET_TID_ADDRESS = 15, 40
_PARENT, _CLEAR_TID, _SET_TID = 0x8000, 0x200000, 0x1000000
_MADV_COLLAPSE, _HUGE = 25, 2 << 20
_READ_AT_START = ("LC_", "LANG", "LD_", "MALLOC_", "GLIBC_", "PYTHON")
_READ_LATER = {"PYTHON_KEYRING_BACKEND"}
_TESTS = str(Path(__file__).parent)
_PLAIN = {
    **dict.fromkeys(("executable", "startupinfo", "gid", "gids", "uid"), None),
    "pass_fds": (),
    "shell": False,
    "umask": -1,
    "close_fds": True,
}
"""What other options of Popen have to be for a fork."""
_POPEN: Any = subprocess.Popen
_OPTIONS = inspect.signature(_POPEN._execute_child)
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""What a process that is forked starts with: a fork copies a few hundred entries of the rules' pages, not 17,000."""


ROOM = {"TOKENWARD_TESTS_ROOM": " " * 50_000}
"""What a process that is forked starts with: /proc shows the variables of each fork in the room of its own."""


@dataclass(frozen=True)
class Request:
    """What a fork is to become; without a command it is the keyring's process."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    umask: int | None = None
    has_own_session: bool = False
    takes_terminal: bool = False
    import_path: list[str] | None = None


class ForkServer:
    """The process that is forked, as tests see it; it ends with them."""

    def __init__(self, rules: Callable[[], Path]) -> None:
        """Take what returns the folder of the compiled rules to load; nothing is started yet."""
        self._rules = rules
        self._at_start = _read_at_start(os.environ)
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._place = tempfile.TemporaryDirectory(prefix="tw-")
        self.address = str(Path(self._place.name, "forks"))

    @contextlib.contextmanager
    def in_popen(self) -> Iterator[None]:
        """Let Popen fork where it would start `tokenward` with nothing that a fork cannot have; so for keyrings."""
        from tokenward import child  # noqa: PLC0415 - a fork server loads it only when it is asked to

        popen_class: Any = subprocess.Popen
        start_keyring, execute = child._start, popen_class._execute_child

        def execute_or_fork(popen: Any, *given: Any) -> None:
            options = _OPTIONS.bind(popen, *given).arguments
            request = _request(options)
            if request is None:
                execute(popen, *given)
                return
            pipes = [options[name] for name in _PIPES]
            streams = [
                pipe if pipe != -1 else number for number, pipe in zip((0, 1, 2), pipes[::2], strict=True)
            ]
            popen.pid = self._fork(request, streams)
            popen._child_created = True
            popen._close_pipe_fds(*(options[name] for name in _PIPES_IN_ORDER))

        def fork_keyring(module: str, *given: Any, **options: Any) -> Any:
            if module != _KEYRING or _read_at_start(os.environ) != self._at_start:
                return start_keyring(module, *given, **options)
            self.start()
            return _fork_keyring(self.address)

        popen_class._execute_child = execute_or_fork
        child._start = fork_keyring
        try:
            yield
        finally:
            popen_class._execute_child = execute
            child._start = start_keyring

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._place.cleanup()

    def start(self) -> None:
        """Start the process unless it runs."""
        with self._starting:
            if self._process is None:
                command = [sys.executable, __file__, str(self._rules()), self.address]
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, **HUGE_PAGES, **ROOM},
                )
                assert self._process.stdout is not None
                assert self._process.stdout.readline() == b"ready\n"

    def _fork(self, request: Request, streams: list[int]) -> int:
        self.start()
        with _sent(self.address, request, streams) as connection:
            return int(connection.recv(16))


class _KeyringProcess:
    """As much of Popen as the keyring's process needs; the server is its parent."""

    def __init__(self, address: str, request: Request) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        with Path(os.devnull).open("w") as nowhere:
            self._connection = _sent(address, request, [theirs_in, theirs_out, nowhere.fileno()])
        os.close(theirs_in)
        os.close(theirs_out)
        self.pid = int(self._connection.recv(16))
        self.returncode: int | None = None
        self.stdin, self.stdout = os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb")

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float) -> int:
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("tokenward", timeout)
            self.returncode = int(self._connection.recv(16) or -signal.SIGKILL)
            self._connection.close()
        return self.returncode


def _fork_keyring(address: str) -> _KeyringProcess:
    """Fork the keyring's process of this one off the server at an address."""
    from tokenward import child  # noqa: PLC0415
    from tokenward.vault.unlocking import SECRET_VARIABLES  # noqa: PLC0415

    environment = {name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES}
    folder = str(Path(sys.executable).parent)
    request = Request([], environment, folder, has_own_session=True, import_path=child.import_path())
    return _KeyringProcess(address, request)


_PIPES = ("p2cread", "p2cwrite", "c2pwrite", "c2pread", "errwrite", "errread")
_PIPES_IN_ORDER = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")


def _request(options: Mapping[str, Any]) -> Request | None:
    """What Popen is asked for; None where it has to start a process."""
    arguments = options["args"]
    prepare = options["preexec_fn"]
    if isinstance(arguments, (str, bytes, os.PathLike)) or prepare not in (None, take_terminal):
        return None
    arguments = list(map(os.fsdecode, arguments))
    is_ours = arguments[:1] == [COMMAND] or arguments[:3] == _MODULE or arguments == _KILLED
    is_ours = is_ours or tuple(arguments[:2]) == PATIENT
    if not is_ours or any("\0" in argument for argument in arguments):
        return None
    if any(options[name] != plain for name, plain in _PLAIN.items()):
        return None
    if options.get("process_group") not in (None, -1) or os.geteuid() != os.getuid():
        return None
    given = os.environ if options["env"] is None else options["env"]
    environment = {os.fsdecode(name): os.fsdecode(value) for name, value in given.items()}
    folder = os.fsdecode(options["cwd"] or Path.cwd())
    if _read_at_start(environment) != _read_at_start(os.environ) or not os.access(folder, os.X_OK):
        return None
    if len(_block(environment)) > len(ROOM["TOKENWARD_TESTS_ROOM"]):
        return None
    return Request(
        arguments,
        environment,
        folder,
        umask=_umask(),
        has_own_session=options["start_new_session"],
        takes_terminal=prepare is not None,
    )


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a fork is too late for; the folder of tests alone on the path replaces no module."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_READ_AT_START)
        and name not in _READ_LATER
        and (name, value) != ("PYTHONPATH", _TESTS)
    }


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sent(address: str, request: Request, streams: list[int]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    socket.send_fds(connection, [b"-"], streams)
    connection.sendall(pickle.dumps(request))
    connection.shutdown(socket.SHUT_WR)
    return connection


def _received(connection: socket.socket) -> tuple[Request, list[int]]:
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("rb") as content:
        return pickle.loads(content.read()), streams


def serve(rules: str, address: str) -> Callable[[], object]:
    """Fork once for each request; what a fork has to do is returned in it."""
    load(Path(rules), address)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    keyrings: dict[int, socket.socket] = {}

    def reap(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if (connection := keyrings.pop(ended[0], None)) is not None:
                    with connection, contextlib.suppress(OSError):
                        connection.sendall(str(os.waitstatus_to_exitcode(ended[1])).encode())

    signal.signal(signal.SIGCHLD, reap)
    os.write(1, b"ready\n")
    while True:
        waiting: list[Any] = [listener, 0]
        if 0 in select.select(waiting, [], [])[0]:
            return lambda: None
        connection, _ = listener.accept()
        request, streams = _received(connection)
        is_keyring = request.import_path is not None
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        pid = os.fork() if is_keyring else _fork_sibling()
        if pid == 0:
            return _become(request, streams)
        for stream in streams:
            os.close(stream)
        connection.sendall(str(pid).encode())
        if is_keyring:
            keyrings[pid] = connection
        else:
            connection.close()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _fork_sibling() -> int:
    """Fork a process as os.fork() does, but make this one's parent its parent; return 0 in that process."""
    python, own_id = ctypes.pythonapi, ctypes.c_void_p()
    clone = 56 if os.uname().machine == "x86_64" else 220
    flags = _PARENT | _CLEAR_TID | _SET_TID | signal.SIGCHLD
    # Where the C library remembers a thread's number, which a fork has to find changed.
    assert python.prctl(_GET_TID_ADDRESS, ctypes.byref(own_id), 0, 0, 0) == 0
    python.PyOS_BeforeFork()
    # The last two arguments have another order on each processor; the one that no flag asks for is not read.
    pid = python.syscall(clone, flags, None, None, own_id, own_id)
    (python.PyOS_AfterFork_Parent if pid else python.PyOS_AfterFork_Child)()
    assert pid >= 0
    return int(pid)


def load(rules: Path, address: str) -> None:
    """Load what forks of this process need, and let the server at an address start their keyrings."""
    import faulthandler  # noqa: PLC0415
    import gc  # noqa: PLC0415
    from importlib import import_module  # noqa: PLC0415

    import tokens  # noqa: PLC0415
    from tokenward import child  # noqa: PLC0415
    from tokenward.detection.engine import Detector  # noqa: PLC0415
    from tokenward.lsp.run import import_types  # noqa: PLC0415
    from tokenward.sources.patterns.token_files import pruned_folders, token_kinds  # noqa: PLC0415

    # As the server imports them, and before others do so in the ordinary way.
    import_types()
    for module in (*_modules(), *_SLOW_MODULES):
        import_module(module)
    _share_converter()
    _compile_initializers()
    detector = Detector(rules)
    loaded = detector.load()
    # The tables of the detector and the walk are read when they are first needed, which takes 0.1 s.
    detector.detect_all(f'TOKEN="{tokens.github()}"\npassword = "{tokens.npm()[4:]}"\n', "app.py")
    token_kinds()
    pruned_folders()
    assert len(loaded.all) > 1
    create, load_rules = Detector.__init__, Detector.load

    def create_loaded(detector: Detector, rules_cache: Path, *given: Any, **named: Any) -> None:
        create(detector, rules_cache, *given, **named)
        detector._scanners = loaded if rules_cache == rules else None

    def load_again(detector: Detector) -> Any:
        if detector._rules_cache == rules:
            detector._scanners = loaded
        return load_rules(detector)

    Detector.__init__ = create_loaded  # type: ignore[method-assign,assignment]
    Detector.load = load_again  # type: ignore[method-assign,assignment]

    start: Any = child._start

    def fork_keyring(module: str, *given: Any, **options: Any) -> Any:
        return _fork_keyring(address) if module == _KEYRING else start(module, *given, **options)

    child._start = fork_keyring
    faulthandler.enable()
    gc.collect()
    gc.freeze()
    _collapse_pages()


def _collapse_pages() -> None:
    """Gather this process's memory in huge pages, so that a fork copies hundreds of entries and not 50,000."""
    libc = ctypes.CDLL(None)
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, mode, _, _, inode, *_ = line.split()
        start, end = (int(address, 16) for address in place.split("-"))
        if mode == "rw-p" and inode == "0":
            for first in range(-(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE, _HUGE):
                # Where the kernel refuses, the pages stay small.
                libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(_HUGE), _MADV_COLLAPSE)


def _compile_initializers() -> None:
    """Compile what each record would compile for its first instance."""
    from tokenward import fast_dataclasses  # noqa: PLC0415

    kinds = [object]
    for kind in kinds:
        kinds += type.__subclasses__(kind)
        if getattr(vars(kind).get("__init__"), "__name__", "") == "first_init":
            kind.__init__ = fast_dataclasses._initializer(kind)  # type: ignore[method-assign,misc]


def _share_converter() -> None:
    """Let servers begin with one converter, which has compiled its functions for all messages."""
    from functools import partialmethod  # noqa: PLC0415

    from lsprotocol.types import METHOD_TO_TYPES  # noqa: PLC0415
    from pygls.lsp.server import LanguageServer  # noqa: PLC0415
    from pygls.protocol import default_converter  # noqa: PLC0415

    converter = default_converter()
    for message, answer, *_ in METHOD_TO_TYPES.values():
        for kind in filter(None, (message, answer)):
            converter.get_structure_hook(kind)
            converter.get_unstructure_hook(kind)
    server_class: Any = LanguageServer
    server_class.__init__ = partialmethod(server_class.__init__, converter_factory=lambda: converter)


def _modules() -> Iterator[str]:
    """Yield all modules of the product that are not programs."""
    import pkgutil  # noqa: PLC0415

    import tokenward  # noqa: PLC0415

    for module in pkgutil.walk_packages(tokenward.__path__, "tokenward."):
        if not module.name.endswith("__main__") and module.name not in _WINDOWS_ONLY:
            yield module.name


_WINDOWS_ONLY = {
    "tokenward.custody.sockets.named_pipe",
    "tokenward.operations.terminal.windows_command",
}
_SLOW_MODULES = (
    "cryptography.hazmat.backends.openssl.backend",
    "encodings.ascii",
    "importlib.resources.readers",
    "keyring.backends.SecretService",
    "psutil",
    "rich.console",
    "rich.progress",
    "rich.table",
    "tree_sitter_javascript",
    "tree_sitter_json",
    "tree_sitter_python",
    "tree_sitter_yaml",
    "watchdog.observers.inotify",
)


def _become(request: Request, streams: list[int]) -> Callable[[], object]:
    """Make this process what it would be had it been started; what it then has to run."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    if request.has_own_session:
        os.setsid()
    streams = [fcntl.fcntl(stream, fcntl.F_DUPFD, 10) for stream in streams]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 1024)
    if request.takes_terminal:
        take_terminal()
    if request.umask is not None:
        os.umask(request.umask)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    _show_in_proc(request.environment)
    time.tzset()
    tempfile.tempdir = None
    _open_streams()
    if request.import_path is not None:
        from tokenward.vault import worker_process  # noqa: PLC0415

        sys.path[:] = request.import_path
        return worker_process.main
    if request.arguments == _KILLED:
        import killed  # noqa: PLC0415

        return killed.serve
    if tuple(request.arguments[:2]) == PATIENT:
        sys.argv = request.arguments[1:]
        return partial(runpy.run_path, sys.argv[0])
    from tokenward.cli.main import main  # noqa: PLC0415

    is_module = request.arguments[:3] == _MODULE
    if not is_module:
        assert ctypes.CDLL(None).prctl(_SET_NAME, b"tokenward", 0, 0, 0) == 0
    sys.argv = request.arguments[2:] if is_module else request.arguments
    sys.path[0] = request.folder if is_module else str(Path(COMMAND).parent)
    if request.environment.get("PYTHONPATH") == _TESTS:
        sys.path.insert(1, _TESTS)
    return main


def _show_in_proc(environment: Mapping[str, str]) -> None:
    """Let other processes read an environment in /proc, as they do to find the agent that started this one."""
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = map(int, fields[47:49])
    ctypes.memmove(start, _block(environment)[: end - start].ljust(end - start, b"\0"), end - start)


def _block(environment: Mapping[str, str]) -> bytes:
    return b"".join(os.fsencode(f"{name}={value}\0") for name, value in environment.items())


def _open_streams() -> None:
    """Open the standard streams as Python does when it starts."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        before = getattr(sys, name)
        is_output = number > 0
        binary = open(  # noqa: SIM115 - it stays open
            number,
            "wb" if is_output else "rb",
            0 if is_output and before.write_through else -1,
            closefd=False,
        )
        stream = io.TextIOWrapper(
            binary,
            encoding=before.encoding,
            errors=before.errors,
            newline="\n",
            line_buffering=number == 2 or (is_output and binary.isatty()),
            write_through=before.write_through,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run_and_end(work: Callable[[], object]) -> NoReturn:
    """Run and end as Python does, without taking all modules apart."""
    import atexit  # noqa: PLC0415

    code = 0
    try:
        work()
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run_and_end(serve(*sys.argv[1:]))
