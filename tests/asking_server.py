"""A server over HTTP that shows its pages only to a client that sends the right header."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class AskingServer:
    """The address, each `Authorization` that was sent, `None` for none, and all headers with small letters."""

    place: str
    sent: list[str | None] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.place}"


@contextlib.contextmanager
def asking_server(
    pages: Callable[[str], Mapping[str, tuple[str, str | bytes]]],
    is_right: Callable[[str], bool],
    certificate: Path | None = None,
    clients: Path | None = None,
) -> Iterator[AskingServer]:
    """Serve pages, by path a media type and a content, made from the server's URL.

    Args:
        pages: the pages.
        is_right: tells whether an `Authorization` may see them.
        certificate: encrypts, with its key.
        clients: the certificate that a client needs besides.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            authorization = self.headers.get("Authorization")
            served.sent.append(authorization)
            served.headers.append({name.lower(): text for name, text in self.headers.items()})
            kind, text = pages(served.url).get(self.path.partition("?")[0], ("", b""))
            code = 200 if kind else 404
            if not is_right(authorization or ""):
                code, kind, text = 401, "text/plain", b""
            content = text if isinstance(text, bytes) else text.encode()
            self.send_response(code)
            if code == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_POST = do_HEAD = do_GET  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            encryption = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            encryption.load_cert_chain(certificate)
            if clients is not None:
                encryption.verify_mode = ssl.CERT_REQUIRED
                encryption.load_verify_locations(clients)
            server.socket = encryption.wrap_socket(server.socket, server_side=True)
        served = AskingServer(f"127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
