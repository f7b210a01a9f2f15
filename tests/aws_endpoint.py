"""An endpoint of AWS that checks the signature of a request (Signature Version 4)."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d+/[\w-]+/\w+/aws4_request), SignedHeaders=([\w;-]+), Signature=(\w+)"
)
_ANSWER = b"""<GetCallerIdentityResponse xmlns="https://example.com"><GetCallerIdentityResult>
<Arn>arn:aws:iam::1:user/a</Arn><UserId>a</UserId><Account>1</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


@contextlib.contextmanager
def aws_endpoint(key_id: str, secret: str) -> Iterator[str]:
    """Yield the URL of an endpoint that says who asks, if the request is signed with the key."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known = _is_signed(dict(self.headers), body, key_id, secret)
            self.send_response(200 if known else 403)
            self.end_headers()
            self.wfile.write(_ANSWER if known else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _is_signed(headers: Mapping[str, str], body: bytes, key_id: str, secret: str) -> bool:
    named = {name.lower(): value.strip() for name, value in headers.items()}
    match = _SIGNED.fullmatch(named.get("authorization", ""))
    if match is None or match[1] != key_id:
        return False
    scope, signed = match[2], match[3]
    lines = [f"{name}:{named[name]}" for name in signed.split(";")]
    request = "\n".join(["POST", "/", "", *lines, "", signed, hashlib.sha256(body).hexdigest()])
    text = "\n".join(
        ["AWS4-HMAC-SHA256", named["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()]
    )
    *_, signature = accumulate(
        [*scope.split("/"), text],
        lambda key, part: hmac.digest(key, part.encode(), "sha256"),
        initial=f"AWS4{secret}".encode(),
    )
    return hmac.compare_digest(signature.hex(), match[4])
