"""Named pipes, which Windows has for sockets: only their user can open one, and both ends see the other's process."""

from __future__ import annotations

import _winapi
import asyncio
import ctypes
import sys
import time
from asyncio import windows_events, windows_utils
from collections.abc import Awaitable, Callable
from ctypes import wintypes
from multiprocessing.connection import Client
from typing import Self

assert sys.platform == "win32"  # noqa: S101 - so that mypy skips this module elsewhere

_TOKEN_QUERY, _TOKEN_USER = 0x0008, 1
_REJECT_REMOTE_CLIENTS = 0x00000008
_BUFFER = 65_536
_SDDL_REVISION = 1

_kernel, _security = ctypes.WinDLL("kernel32", use_last_error=True), ctypes.WinDLL("advapi32")
_kernel.GetCurrentProcess.restype = wintypes.HANDLE
_security.OpenProcessToken.argtypes = [wintypes.HANDLE, wintypes.DWORD, wintypes.PHANDLE]
_security.GetTokenInformation.argtypes = [
    wintypes.HANDLE,
    ctypes.c_int,
    wintypes.LPVOID,
    wintypes.DWORD,
    wintypes.PDWORD,
]
_security.ConvertSidToStringSidW.argtypes = [wintypes.LPVOID, ctypes.POINTER(wintypes.LPWSTR)]
_DESCRIBE = _security.ConvertStringSecurityDescriptorToSecurityDescriptorW
_DESCRIBE.argtypes = [wintypes.LPCWSTR, wintypes.DWORD, ctypes.POINTER(wintypes.LPVOID), wintypes.PDWORD]

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class _SecurityAttributes(ctypes.Structure):
    _fields_ = (("length", wintypes.DWORD), ("descriptor", wintypes.LPVOID), ("inherits", wintypes.BOOL))


class PipeServer:
    """Serves the connections of a named pipe on the running event loop."""

    def __init__(self, address: str, connected: Connected, limit: int) -> None:
        """Create the pipe and serve it; a line that is read has at most `limit` bytes.

        Raises:
            OSError: another process has created a pipe of this name, or the system refuses one.
        """
        self._address = address
        self._connected = connected
        self._limit = limit
        self._attributes = _only_for_this_user()
        self._tasks: set[asyncio.Future[None]] = set()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, windows_events.ProactorEventLoop)  # noqa: S101 - the default
        self._loop = loop
        self._waiting: windows_utils.PipeHandle | None = self._instance(is_first=True)
        self._accepted: asyncio.Future[object] | None = None
        self._accept()

    def close(self) -> None:
        """Stop accepting connections."""
        waiting, self._waiting = self._waiting, None
        if self._accepted is not None:
            self._accepted.cancel()
        if waiting is not None:
            waiting.close()

    def _instance(self, *, is_first: bool) -> windows_utils.PipeHandle:
        access = _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED
        if is_first:
            access |= _winapi.FILE_FLAG_FIRST_PIPE_INSTANCE
        # Messages, because the client of `multiprocessing` reads these.
        mode = _winapi.PIPE_TYPE_MESSAGE | _winapi.PIPE_WAIT | _REJECT_REMOTE_CLIENTS
        most, security = _winapi.PIPE_UNLIMITED_INSTANCES, ctypes.addressof(self._attributes)
        return windows_utils.PipeHandle(
            _winapi.CreateNamedPipe(self._address, access, mode, most, _BUFFER, _BUFFER, 0, security)
        )

    def _accept(self) -> None:
        """Wait for the next client."""
        assert self._waiting is not None  # noqa: S101 - it is open
        # asyncio has no public call that takes a pipe with access rights.
        self._accepted = self._loop._proactor.accept_pipe(self._waiting)  # type: ignore[attr-defined]  # noqa: SLF001
        self._accepted.add_done_callback(self._serve)

    def _serve(self, accepted: asyncio.Future[object]) -> None:
        pipe = self._waiting
        if accepted.cancelled() or pipe is None:
            return
        try:
            self._waiting = self._instance(is_first=False)
            self._accept()
        except OSError:
            self._waiting = None
        if accepted.exception() is not None:
            pipe.close()
            return
        reader = asyncio.StreamReader(self._limit, self._loop)
        protocol = asyncio.StreamReaderProtocol(reader, self._begin, loop=self._loop)
        self._loop._make_duplex_pipe_transport(pipe, protocol)  # type: ignore[attr-defined]  # noqa: SLF001

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connected(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Connection:
    """A client's end of a named pipe."""

    def __init__(self, address: str) -> None:
        """Connect.

        Raises:
            OSError: nobody serves the pipe.
        """
        self._pipe = Client(address, family="AF_PIPE")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()

    @property
    def server(self) -> int:
        """Return the process id of the server.

        Raises:
            OSError: the system does not report it.
        """
        return _process_id(_kernel.GetNamedPipeServerProcessId, self._pipe.fileno())

    def exchange(self, line: bytes, patience: float, largest: int) -> bytes:
        """Send a line and return the one that answers it.

        Raises:
            OSError: no whole answer came in time.
        """
        received = bytearray()
        deadline = time.monotonic() + patience
        try:
            self._pipe.send_bytes(line)
            while not received.endswith(b"\n"):
                if not self._pipe.poll(max(0.0, deadline - time.monotonic())):
                    raise ConnectionError
                received += self._pipe.recv_bytes(largest)
                if len(received) > largest:
                    raise ConnectionError
        except EOFError:
            raise ConnectionError from None
        return bytes(received[:-1])


def client_of(writer: asyncio.StreamWriter) -> int:
    """Return the process id of the client of a connection.

    Raises:
        OSError: the system does not report it.
    """
    return _process_id(_kernel.GetNamedPipeClientProcessId, writer.get_extra_info("pipe").fileno())


def _process_id(ask: Callable[..., int], handle: int) -> int:
    number = wintypes.ULONG()
    if not ask(wintypes.HANDLE(handle), ctypes.byref(number)):
        raise ctypes.WinError(ctypes.get_last_error())
    return number.value


def _only_for_this_user() -> _SecurityAttributes:
    """Return access rights for this user alone; those of asyncio's own pipes let everybody read."""
    descriptor = wintypes.LPVOID()
    # P: nothing is inherited; one entry allows (A) all (GA).
    if not _DESCRIBE(f"D:P(A;;GA;;;{_own_sid()})", _SDDL_REVISION, ctypes.byref(descriptor), None):
        raise ctypes.WinError()
    return _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, False)


def _own_sid() -> str:
    token, size = wintypes.HANDLE(), wintypes.DWORD()
    if not _security.OpenProcessToken(_kernel.GetCurrentProcess(), _TOKEN_QUERY, ctypes.byref(token)):
        raise ctypes.WinError()
    try:
        buffer = ctypes.create_string_buffer(256)
        if not _security.GetTokenInformation(token, _TOKEN_USER, buffer, len(buffer), ctypes.byref(size)):
            raise ctypes.WinError()
        text = wintypes.LPWSTR()
        # TOKEN_USER begins with the address of the SID, which follows it.
        if not _security.ConvertSidToStringSidW(wintypes.LPVOID.from_buffer(buffer), ctypes.byref(text)):
            raise ctypes.WinError()
        return str(text.value)
    finally:
        _winapi.CloseHandle(token.value or 0)
