"""A provider under a test's control: a local HTTP server, its tokens, and the rule file that leads there."""

from __future__ import annotations

import contextlib
import random
import string
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

RULE = "custom.acme-key"


def token(seed: object = 0) -> str:
    letters = string.ascii_letters + string.digits
    return "acme" + "key_" + "".join(random.Random(repr(seed)).choices(letters, k=24))


@dataclass(frozen=True)
class Request:
    """A request that reached a server; `text` has its path, headers and body."""

    method: str
    path: str
    text: str


@dataclass
class Provider:
    """A server's answers by path: a status, and the target of a redirect."""

    port: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    leads_to: str = ""
    holds: threading.Event = field(default_factory=threading.Event)
    """`/hang` does not answer until this is set."""
    requests: list[Request] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def rules(
        self,
        *,
        check: str | None = "/check",
        revoke: str | None = "/revoke",
        base: str = "",
        rule: str = RULE,
    ) -> str:
        """Return a rule file whose check and revocation go to this server; None leaves one out."""
        where = base or f"http://{self.host}"
        text = f"rules:\n  - name: Acme key\n    id: {rule}\n    pattern: '(acmekey_[A-Za-z0-9]{{24}})'\n"
        if check is not None:
            text += _way("validation", "GET", where + check)
        if revoke is not None:
            text += _way("revocation", "POST", where + revoke)
        return text


def use_rules(environment: Mapping[str, str], text: str) -> None:
    """Make a rule file the user's own."""
    config = Path(environment["HOME"], ".config", "tokenward")
    config.mkdir(parents=True, exist_ok=True)
    (config / "acme.yml").write_text(text)
    (config / "config.toml").write_text(f'rule-files = ["{config / "acme.yml"}"]\n')


def _way(key: str, method: str, url: str) -> str:
    return f"""    {key}:
      type: Http
      content:
        request:
          method: {method}
          url: {url}
          headers: {{Authorization: 'Bearer {{{{ TOKEN }}}}', X-Key: '{{{{ TOKEN }}}}'}}
          response_matcher:
            - report_response: true
            - type: StatusMatch
              status: [200]
"""


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Yield a server that accepts every token until `answers` says otherwise."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            made.requests.append(Request(self.command, self.path, f"{self.path}\n{self.headers}\n{body}"))
            if self.path == "/hang":
                made.holds.wait()
            with contextlib.suppress(OSError):
                self.send_response(made.answers.get(self.path, 200))
                if made.leads_to:
                    self.send_header("Location", made.leads_to)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.holds.set()
            server.shutdown()
