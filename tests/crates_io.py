"""A stand-in for crates.io, behind a proxy, that notes the tokens that cargo sends to it."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from certificates import new_certificate

_HOSTS = ["crates.io", "index.crates.io"]
_ANSWER = b'{"dl": "https://crates.io/dl", "api": "https://crates.io", "users": []}'


@dataclass
class CratesIo:
    """Where cargo finds it; `sent` are the tokens."""

    variables: dict[str, str]
    sent: list[str] = field(default_factory=list)


@contextlib.contextmanager
def crates_io(folder: Path) -> Iterator[CratesIo]:
    """Serve crates.io with a certificate in a folder."""
    certificate = folder / "crates_io.pem"
    certificate.write_bytes(new_certificate(*_HOSTS))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        variables = {
            "CARGO_HTTP_PROXY": f"127.0.0.1:{server.getsockname()[1]}",
            "CARGO_HTTP_CAINFO": str(certificate),
            "CARGO_HTTP_MULTIPLEXING": "false",
        }
        found = CratesIo(variables)
        threading.Thread(target=_serve, args=(server, context, found), daemon=True).start()
        yield found


def _serve(server: socket.socket, context: ssl.SSLContext, found: CratesIo) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            _head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as inside:
                while head := _head(inside):
                    found.sent += re.findall(r"(?im)^authorization: (.*?)\r?$", head)
                    inside.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(_ANSWER) + _ANSWER)


def _head(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head and (part := connection.recv(4096)):
        head += part
    return head.decode()
