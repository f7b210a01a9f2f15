"""After a move out of a credentials file, the command that the move names gives the program its value."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import tokens
from cli_shell import Shell

TOKEN = tokens.github("credential files")
PYTHON = sys.executable


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def move(shell: Shell, name: str, text: str, *, token: str = TOKEN) -> str:
    """Move the token out of a file and return what is left to do."""
    file = shell.folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    done = shell("move", name)
    assert done.code == 0, done.err
    assert token not in file.read_text()
    assert "keyring://acme-api/" in file.read_text()
    assert not Path(shell.folder, ".env").exists()
    return done.text + done.err


def restore(shell: Shell, name: str, text: str) -> None:
    assert shell("restore", name).code == 0
    assert shell.folder.joinpath(name).read_text() == text


@contextlib.contextmanager
def web_server() -> Iterator[tuple[int, list[str]]]:
    """Serve nothing to requests with a password; yield the port and the user names and passwords that came."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, _, given = self.headers.get("Authorization", "").partition(" ")
            if kind == "Basic":
                seen.append(base64.b64decode(given).decode())
            self.send_response(404 if kind else 401)
            self.send_header("WWW-Authenticate", 'Basic realm="a"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, seen
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def postgres() -> Iterator[tuple[int, list[str]]]:
    """Ask one client for its password as PostgreSQL does, and refuse it; yield the port and the password."""
    seen: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            # The client's first message is its user and database.
            stream.read(int.from_bytes(stream.read(4)) - 4)
            connection.sendall(b"R" + (8).to_bytes(4) + (3).to_bytes(4))
            if stream.read(1) == b"p":
                seen.append(stream.read(int.from_bytes(stream.read(4)) - 4).rstrip(b"\0").decode())
            fields = b"SFATAL\0VFATAL\0C28P01\0Mno\0\0"
            connection.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield listener.getsockname()[1], seen
        thread.join(20)


@needs("curl")
def test_curl_reads_a_filled_netrc(shell: Shell) -> None:
    text = f"machine 127.0.0.1\n  login me\n  {'password'} {TOKEN}\n"
    said = move(shell, ".netrc", text)
    assert "tokenward run --file FILE={NETRC} -- curl --netrc-file {NETRC}" in said
    with web_server() as (port, seen):
        command = ["curl", "-s", "--netrc-file", "{NETRC}", f"http://127.0.0.1:{port}/"]
        assert shell("run", "--file", ".netrc={NETRC}", "--", *command).code == 0
    assert seen == [f"me:{TOKEN}"]
    restore(shell, ".netrc", text)


def test_pythons_own_parser_reads_a_filled_netrc(shell: Shell) -> None:
    text = f'machine example.com login me {"password"} "{TOKEN}"\n'
    move(shell, ".netrc", text)
    probe = "import netrc, os; print(netrc.netrc(os.environ['NETRC']).authenticators('example.com')[2])"
    done = shell("run", "--no-mask", "--file", ".netrc={NETRC}", "--", PYTHON, "-c", probe)
    assert done.text == f"{TOKEN}\n"


@needs("git")
def test_git_reads_a_netrc_in_the_home_folder(shell: Shell) -> None:
    home = Path(shell.environment["HOME"])
    text = f"machine 127.0.0.1 login me {'password'} {TOKEN}\n"
    move(shell, ".netrc", text)
    template = shell.folder / ".netrc.template"
    shell.folder.joinpath(".netrc").rename(template)
    with web_server() as (port, seen):
        command = ["git", "ls-remote", f"http://127.0.0.1:{port}/a.git"]
        shell("run", "--file", f"{template}=~/.netrc", "--", *command, GIT_TERMINAL_PROMPT="0")
    assert set(seen) == {f"me:{TOKEN}"}
    assert not home.joinpath(".netrc").exists()


@needs("psql")
def test_psql_reads_a_filled_pgpass(shell: Shell) -> None:
    text = f"# shop\n*:*:*:me:{TOKEN}\n"
    said = move(shell, ".pgpass", text)
    assert "tokenward run --file FILE={PGPASSFILE} -- psql" in said
    with postgres() as (port, seen):
        place = f"host=127.0.0.1 port={port} user=me dbname=shop sslmode=disable gssencmode=disable"
        shell("run", "--file", ".pgpass={PGPASSFILE}", "--", "psql", "-w", place, "-c", "select 1")
    assert seen == [TOKEN]
    restore(shell, ".pgpass", text)


@needs("my_print_defaults")
@pytest.mark.parametrize("quote", ["", '"'])
def test_mysqls_own_parser_reads_filled_options(shell: Shell, quote: str) -> None:
    text = f"[client]\nuser = me\npassword = {quote}{TOKEN}{quote}\n"
    said = move(shell, ".my.cnf", text)
    assert "tokenward run --file FILE={CNF} -- mysql --defaults-file={CNF}" in said
    # MySQL's own masks the password by default, and MariaDB's knows no such option.
    script = 'my_print_defaults --defaults-file="$CNF" -s client || my_print_defaults --defaults-file="$CNF" client'
    done = shell("run", "--no-mask", "--file", ".my.cnf={CNF}", "--", "sh", "-c", script)
    assert f"--password={TOKEN}" in done.text.split(), done.err
    restore(shell, ".my.cnf", text)


def test_googles_libraries_find_a_key_file(shell: Shell) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {
        "type": "service_account",
        "project_id": "acme",
        "private_key": pem,
        "client_email": "a@acme.example.com",
        "token_uri": "https://example.com/token",
    }
    text = json.dumps(account, indent=2)
    said = move(shell, "key.json", text, token=pem.splitlines()[3])
    assert "tokenward run --file FILE={GOOGLE_APPLICATION_CREDENTIALS} --" in said
    probe = (
        "import json, os; print(json.load(open(os.environ['GOOGLE_APPLICATION_CREDENTIALS']))['private_key'])"
    )
    options = ("--no-mask", "--file", "key.json={GOOGLE_APPLICATION_CREDENTIALS}")
    assert shell("run", *options, "--", PYTHON, "-c", probe).text == f"{pem}\n"
    restore(shell, "key.json", text)


@needs("ssh-agent")
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_an_agent_gets_a_key_that_no_file_holds(shell: Shell, kind: str) -> None:
    file = shell.folder / ".ssh" / f"id_{kind}"
    file.parent.mkdir(0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", file], check=True)
    text = file.read_text()
    said = move(shell, f".ssh/id_{kind}", text, token=text.splitlines()[2])
    assert "tokenward inject FILE -o - | ssh-add -" in said
    script = f"tokenward inject .ssh/id_{kind} -o - | ssh-add -q - && ssh-add -L"
    listed = subprocess.run(
        ["ssh-agent", "sh", "-c", script],
        cwd=shell.folder,
        env={**shell.environment, "PATH": f"{Path(PYTHON).parent}:{shell.environment['PATH']}"},
        capture_output=True,
        check=False,
    )
    public = file.with_suffix(".pub").read_text().split()
    assert listed.stdout.decode().split()[:2] == public[:2], listed.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    restore(shell, f".ssh/id_{kind}", text)
