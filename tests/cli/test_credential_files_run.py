"""After a move out of a file that its program reads itself, `tokenward run` fills it for that program."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
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
from tokenward.operations.run.command_file import references_of

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
    assert "tokenward run -- curl --netrc" in said
    at_home = shell.having(HOME=str(shell.folder), XDG_DATA_HOME=str(shell.data.parent))
    with web_server() as (port, seen):
        url = f"http://127.0.0.1:{port}/"
        assert shell("run", "--", "curl", "-s", "--netrc-file", ".netrc", url).code == 0
        assert at_home("run", "--", "curl", "-s", "-n", url).code == 0
    assert seen == [f"me:{TOKEN}"] * 2
    restore(shell, ".netrc", text)


def test_pythons_own_parser_reads_a_filled_netrc(shell: Shell) -> None:
    text = f'machine example.com login me {"password"} "{TOKEN}"\n'
    move(shell, ".netrc", text)
    probe = "import netrc, os; print(netrc.netrc(os.environ['NETRC']).authenticators('example.com')[2])"
    done = shell("run", "--no-mask", "--", PYTHON, "-c", probe, NETRC=".netrc")
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


@needs("git")
def test_git_asks_tokenward_for_one_command(shell: Shell) -> None:
    path = f"{Path(PYTHON).parent}:{shell.environment['PATH']}"
    shell = shell.having(PATH=path, GIT_TERMINAL_PROMPT="0")
    with web_server() as (port, seen):
        url = f"http://127.0.0.1:{port}"
        text = f"http://me:{TOKEN}@127.0.0.1:{port}\n"
        said = move(shell, ".git-credentials", text)
        assert "tokenward run -- git" in said
        shell("run", "--", "git", "ls-remote", f"{url}/a.git")
    assert {*seen} == {f"me:{TOKEN}"}
    restore(shell, ".git-credentials", text)


@needs("psql")
def test_psql_reads_a_filled_pgpass(shell: Shell) -> None:
    text = f"# shop\n*:*:*:me:{TOKEN}\n"
    said = move(shell, ".pgpass", text)
    assert "tokenward run -- psql" in said
    with postgres() as (port, seen):
        place = f"host=127.0.0.1 port={port} user=me dbname=shop sslmode=disable gssencmode=disable"
        shell("run", "--", "psql", "-w", place, "-c", "select 1", PGPASSFILE=".pgpass")
    assert seen == [TOKEN]
    restore(shell, ".pgpass", text)


@needs("mysql")
@pytest.mark.parametrize("quote", ["", '"'])
def test_mysqls_own_parser_reads_filled_options(shell: Shell, quote: str) -> None:
    text = f"[client]\nuser = {quote}{TOKEN}{quote}\n{'password'} = {quote}{TOKEN}{quote}\n"
    said = move(shell, ".my.cnf", text)
    assert "tokenward run -- mysql" in said
    # MySQL's own shows every option but the password.
    options = ("--defaults-file=.my.cnf", "--print-defaults")
    done = shell("run", "--no-mask", "--", "mysql", *options)
    assert f"--user={TOKEN}" in done.text.split(), done.err
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
    assert "GOOGLE_APPLICATION_CREDENTIALS" in said
    shell.write_env("GOOGLE_APPLICATION_CREDENTIALS=key.json")
    probe = (
        "import json, os; print(json.load(open(os.environ['GOOGLE_APPLICATION_CREDENTIALS']))['private_key'])"
    )
    assert shell("run", "--no-mask", "--", PYTHON, "-c", probe).text == f"{pem}\n"
    restore(shell, "key.json", text)


@needs("ssh-agent")
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_an_agent_gets_a_key_that_no_file_holds(shell: Shell, kind: str) -> None:
    file = shell.folder / ".ssh" / f"id_{kind}"
    file.parent.mkdir(0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", file], check=True)
    text = file.read_text()
    said = move(shell, f".ssh/id_{kind}", text, token=text.splitlines()[2])
    assert "tokenward run -- ssh-add FILE" in said
    script = f"tokenward run -- ssh-add -q .ssh/id_{kind} && ssh-add -L"
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


@needs("kubectl")
@pytest.mark.parametrize("option", [["-f", "k8s/secret.yaml"], ["-fk8s"], ["--filename=k8s"]])
def test_kubectl_reads_filled_manifests(shell: Shell, option: list[str]) -> None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\nstringData:\n  token: {TOKEN}\n  url: 'u:{TOKEN}@b'\n"
    said = move(shell, "k8s/secret.yaml", text)
    assert "tokenward run -- kubectl apply -f FILE" in said
    shell.folder.joinpath("k8s/b.yml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: b}\n")
    done = shell("run", "--no-mask", "--", "kubectl", "label", "--local", *option, "c=d", "-o", "yaml")
    assert f"token: {TOKEN}\n  url: u:{TOKEN}@b\n" in done.text, done.err
    assert ("name: b" in done.text) == ("secret.yaml" not in option[-1])
    restore(shell, "k8s/secret.yaml", text)


@needs("composer")
def test_composer_reads_filled_logins(shell: Shell) -> None:
    text = json.dumps({"github-oauth": {"github.com": TOKEN}})
    assert "tokenward run -- composer" in move(shell, "auth.json", text)
    command = ["composer", "config", "--global", "--list", "--no-plugins"]
    done = shell("run", "--no-mask", "--", *command, COMPOSER_ALLOW_SUPERUSER="1")
    assert f"[github-oauth.github.com] {TOKEN}" in done.text, done.err
    restore(shell, "auth.json", text)


@pytest.mark.parametrize("words", [[], ["-c", "alembic.ini"], ["-calembic.ini"]])
def test_alembics_parser_reads_a_filled_configuration(shell: Shell, words: list[str]) -> None:
    text = f"[alembic]\nscript_location = %(here)s/a\nsqlalchemy.url = postgresql://me:{TOKEN}@db.example.com/a\n"
    assert "tokenward run -- alembic" in move(shell, "alembic.ini", text)
    # Alembic reads its configuration with this parser, and with the file's folder as `here`.
    probe = (
        "import configparser, pathlib, sys; file = pathlib.Path(sys.argv[-1].removeprefix('-c'));"
        " parser = configparser.ConfigParser({'here': str(file.parent)}); parser.read(file);"
        " print(dict(parser['alembic']))"
    )
    program = shell.folder / "bin" / "alembic"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {PYTHON} -c "{probe}" "$@"\n')
    program.chmod(0o700)
    done = shell("run", "--no-mask", "--", str(program), *words)
    assert f"me:{TOKEN}@db.example.com/a" in done.text, done.err
    assert f"'{shell.folder}/a'" in done.text
    restore(shell, "alembic.ini", text)


def test_twines_parser_reads_a_filled_configuration(shell: Shell) -> None:
    lines = ("[acme]", "repository = https://example.com/", "username = me", f"password = {TOKEN}", "")
    assert "tokenward run -- twine" in move(shell, ".pypirc", "\n".join(lines))
    probe = (
        "import configparser, sys; parser = configparser.RawConfigParser();"
        " parser.read(sys.argv[sys.argv.index('--config-file') + 1]); print(dict(parser['acme']))"
    )
    program = shell.folder / "twine"
    program.write_text(f'#!/bin/sh\nexec {PYTHON} -c "{probe}" "$@"\n')
    program.chmod(0o700)
    done = shell("run", "--no-mask", "--", str(program), "upload", "--config-file", ".pypirc", "a.whl")
    assert f"'password': '{TOKEN}'" in done.text, done.err
    restore(shell, ".pypirc", "\n".join(lines))


def test_a_build_gets_the_secrets_that_moves_have_it_mount(shell: Shell) -> None:
    """A change of the repository cannot have another variable mounted."""
    file = shell.folder / "Dockerfile"
    file.write_text(f"FROM alpine\nRUN wget --header 'PRIVATE-TOKEN: {TOKEN}' https://example.com\n")
    assert "tokenward run -- docker build ." in shell("move", "Dockerfile").err
    (name,) = re.findall("^([A-Z_]+)=", Path(shell.folder, ".env").read_text(), re.MULTILINE)
    file.write_text(file.read_text() + "RUN --mount=type=secret,id=OTHER,env=OTHER true\n")
    program = shell.folder / "docker"
    program.write_text(f'#!/bin/sh\necho "$@" "${name}"\n')
    program.chmod(0o700)
    option = f"--secret id={name},env={name}"
    for words, expected in (
        (["build", "-t", "a", "."], f"build {option} -t a ."),
        (["build", "-f", "Dockerfile", "."], f"build {option} -f Dockerfile ."),
        (["build", *option.split(), "."], f"build {option} ."),
        (["compose", "build", "."], "compose build ."),
    ):
        done = shell("run", "--no-mask", "--", str(program), *words)
        assert done.text == f"{expected} {TOKEN}\n", done.err


def test_what_was_not_moved_out_of_a_file_stays_a_reference(shell: Shell) -> None:
    """A change of the repository cannot have another token of the workspace filled into a file."""
    move(shell, ".netrc", f"machine a.example.com login me {'password'} {TOKEN}\n")
    shell.put("OTHER", tokens.github("another one"))
    file = shell.folder / ".netrc"
    file.write_text(file.read_text() + "machine b.example.com login me password keyring://acme-api/OTHER\n")
    # The environment has its value all the same.
    shell.write_env("OTHER=keyring://acme-api/OTHER")
    done = shell("run", "--no-mask", "--", "sh", "-c", 'cat "$NETRC"', NETRC=".netrc")
    assert TOKEN in done.text
    assert "password keyring://acme-api/OTHER\n" in done.text
    assert "OTHER in .netrc stays a reference" in done.err


def test_no_link_in_a_repository_leads_to_a_file_of_another(shell: Shell) -> None:
    move(shell, ".netrc", f"machine a.example.com login me {'password'} {TOKEN}\n")
    other = shell.folder.parent / "cloned"
    subprocess.run(["git", "init", "-q", other], check=True)
    other.joinpath(".netrc").symlink_to(shell.folder / ".netrc")
    here = Shell(shell.environment, other)
    done = here("run", "--no-mask", "--", "sh", "-c", 'cat "$NETRC"', NETRC=".netrc")
    assert (done.code, done.text) == (125, "")
    assert "acme-api" in done.err


@pytest.mark.parametrize("name", ["../{}/.netrc", "{}"])
def test_no_environment_file_of_a_repository_names_a_file_of_another(shell: Shell, name: str) -> None:
    move(shell, ".netrc", f"machine a.example.com login me {'password'} {TOKEN}\n")
    other = shell.folder.parent / "cloned"
    subprocess.run(["git", "init", "-q", other], check=True)
    path = name.format(shell.folder.name if "/" in name else shell.folder / ".netrc")
    other.joinpath(".env").write_text(f"NETRC={path}\n")
    done = Shell(shell.environment, other)("run", "--no-mask", "--", "sh", "-c", 'cat "$NETRC"')
    assert "keyring://" in done.text, done.err
    assert TOKEN not in done.text


SHOWS_IT = '#!/bin/sh\ncat "$PGPASSFILE"\n'
PROGRAMS_OF_REPOSITORIES = (
    # The programs on PATH, in its order, by their folders: $HERE is a clone, $APART is the user's.
    ({"$HERE/node_modules/.bin/psql": SHOWS_IT}, False),
    ({"$HERE/.venv/bin/psql": "-> $APART/show", "$APART/show": SHOWS_IT}, False),
    ({"$APART/bin/psql": "-> $HERE/psql", "$HERE/psql": SHOWS_IT}, False),
    ({"bin/psql": SHOWS_IT, "$APART/bin/psql": SHOWS_IT}, True),
    (
        {
            "$HERE/bin/show": "#!/bin/sh\n",
            "$APART/bin/psql": "#!/usr/bin/env show\n",
            "$APART/bin/show": SHOWS_IT,
        },
        True,
    ),
    ({"$HERE/bin/cat": "#!/bin/sh\necho stolen", "$APART/bin/psql": SHOWS_IT}, True),
    (
        {
            "$HERE/show": "",
            "$APART/bin/psql": '#!/bin/sh\n$PAGER "$PGPASSFILE"\n',
            "$HERE/.env": "PAGER=./show",
        },
        True,
    ),
)


@pytest.mark.parametrize(("files", "is_filled"), PROGRAMS_OF_REPOSITORIES)
def test_no_program_of_a_repository_gets_a_file_of_the_home_folder(
    shell: Shell, files: dict[str, str], is_filled: bool
) -> None:
    """Whatever its name, wherever it is on PATH, and whatever a program of the user's starts."""
    move(shell, ".pgpass", f"*:*:*:me:{TOKEN}\n")
    here, apart = (shell.folder.parent / name for name in ("cloned", "apart"))
    subprocess.run(["git", "init", "-q", here], check=True)
    folders = []
    for name, text in files.items():
        path = here / name.replace("$HERE", str(here)).replace("$APART", str(apart))
        path.parent.mkdir(parents=True, exist_ok=True)
        link, _, target = text.replace("$APART", str(apart)).replace("$HERE", str(here)).partition("-> ")
        if target:
            path.symlink_to(target)
        else:
            path.write_text(link)
            path.chmod(0o755)
        folders.append(os.path.dirname(name) if name[0] != "$" else str(path.parent))  # noqa: PTH120
    home = {"HOME": str(shell.folder), "XDG_DATA_HOME": str(shell.data.parent)}
    cloned = Shell(
        {**shell.environment, **home, "PATH": ":".join([*folders, os.defpath]), "PAGER": "cat"}, here
    )
    done = cloned("run", "--no-mask", "--", "psql")
    assert (TOKEN in done.text) == is_filled, done.err
    assert ("a repository can write that program" in done.err) != is_filled
    assert "stolen" not in done.text


def test_a_renamed_token_is_filled_too(shell: Shell) -> None:
    move(shell, ".netrc", f"machine a.example.com login me {'password'} {TOKEN}\n")
    file = shell.folder / ".netrc"
    (reference,) = references_of(file.read_text())
    assert shell("rename", reference.name, "LATER").code == 0
    assert "/LATER" in file.read_text()
    done = shell("run", "--no-mask", "--", "sh", "-c", 'cat "$NETRC"', NETRC=".netrc")
    assert TOKEN in done.text, done.err
