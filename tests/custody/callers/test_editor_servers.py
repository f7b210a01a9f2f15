"""An editor's server in a home folder counts while somebody else's program is connected to it; terminals, by file."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from custody.callers.test_detached import SAY, TELL, ssh, told_now
from tokenward.custody.callers import callers
from tokenward.custody.callers.processes import lineage

__all__ = ["ssh"]
NODE = shutil.which("node")
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell enough"),
    pytest.mark.skipif(NODE is None, reason="needs Node.js"),
]
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="needs root, to be another user"
)
NOBODY = 65534
SERVER = """
const net = require("net");
const server = net.createServer((one) => one.on("error", () => {}).write("hi"));
server.listen(0, process.env.HOST, () => {
  const {port} = server.address();
  if (process.env.DIAL) net.connect(Number(process.env.DIAL), "127.0.0.1").on("error", () => {}).resume();
  require("fs").writeFileSync(process.env.PORT_FILE + "~", String(port));
  require("fs").renameSync(process.env.PORT_FILE + "~", process.env.PORT_FILE);
});
require("child_process").spawn("sh", ["-c", process.env.BELOW], {stdio: "ignore"}).on("exit", () => process.exit());
"""
"""Listens, greets, may connect to another port, and ends with the command below it."""
CLIENT = """
import socket, sys
opened = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(opened.recv(2), flush=True)
sys.stdin.read()
"""
LISTENER = """
import socket
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
listening.accept()[0].recv(1)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home folder with Node in a server's folder and elsewhere, open to all users."""
    with tempfile.TemporaryDirectory(prefix="tw-home-") as name:
        place = Path(name)
        place.chmod(0o755)
        for folder in (".vscode-server/bin/f00", "work"):
            (place / folder).mkdir(parents=True)
            shutil.copy(str(NODE), place / folder / "node")
        script = place / "lib/node_modules/code-server/out/node/entry.js"
        script.parent.mkdir(parents=True)
        script.write_text(SERVER)
        (place / "work/main.js").write_text(SERVER)
        (place / "work/code-server").symlink_to(script)
        yield place


def start(
    words: list[str | Path], out: Path, *, dial: int = 0, below: str = SAY, host: str = "127.0.0.1"
) -> int:
    """Start a server that nothing above it is known of; return its port once it listens."""
    place = out.with_name(f"{out.name}.{'relay' if 'test' in below else 'port'}")
    variables = {"PORT_FILE": str(place), "BELOW": below, "HOST": host, "DIAL": str(dial or "")}
    environment = {**os.environ, "OUT": str(out), "PYTHON": sys.executable, "TELL": TELL, **variables}
    subprocess.run(["setsid", "-f", *words], env=environment, check=True, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not place.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(place.read_text())


@contextlib.contextmanager
def client(port: int, user: int | None = None) -> Iterator[None]:
    """Keep a connection to a port, as another user if one is given."""
    python = str(shutil.which("python3", path="/usr/bin:/bin")) if user else sys.executable
    words = [python, "-c", CLIENT, str(port)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=user) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield
        process.communicate()


def vscode(home: Path) -> list[str | Path]:
    return [home / ".vscode-server/bin/f00/node", home / "work/main.js"]


def told(out: Path, connected: AbstractContextManager[None]) -> tuple[str, bool, bool]:
    with connected:
        return told_now(out)


PERSON, HIDDEN = ("", False, False), ("", True, True)
IN_TERMINAL = f"script -qec '{SAY}' /dev/null"


def test_a_server_without_a_connection_is_nobodys(home: Path, tmp_path: Path) -> None:
    start(vscode(home), tmp_path / "out")
    assert told_now(tmp_path / "out") == HIDDEN


def test_a_program_of_the_same_user_does_not_vouch_for_a_server(home: Path, tmp_path: Path) -> None:
    assert told(tmp_path / "out", client(start(vscode(home), tmp_path / "out"))) == HIDDEN


@as_root
@pytest.mark.parametrize("host", ["127.0.0.1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("below", [SAY, IN_TERMINAL])
def test_a_program_of_another_user_vouches_for_a_server(
    below: str, host: str, home: Path, tmp_path: Path
) -> None:
    """For what it starts without a terminal, and in its own."""
    port = start(vscode(home), tmp_path / "out", below=below, host=host)
    assert told(tmp_path / "out", client(port, NOBODY)) == PERSON


@as_root
def test_a_server_from_npm_counts_by_its_script(home: Path, tmp_path: Path) -> None:
    port = start([str(NODE), home / "work/code-server"], tmp_path / "out")
    assert told(tmp_path / "out", client(port, NOBODY)) == PERSON


@as_root
@pytest.mark.parametrize("vouched", [True, False])
def test_a_server_counts_below_a_script_that_started_it(vouched: bool, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    port = start(["sh", "-c", '"$0" "$1"; true', *vscode(home)], out)
    assert told(out, client(port, NOBODY if vouched else None)) == (PERSON if vouched else HIDDEN)


@as_root
def test_a_process_that_hides_its_program_is_no_server() -> None:
    """As one of another user does, above `sudo -u`."""
    own = next(lineage(os.getpid()))
    child = os.fork()
    if not child:
        found = 2
        with contextlib.suppress(BaseException):
            os.setuid(NOBODY)
            found = int(callers._is_in_servers_folder(replace(own, pid=1)))
        os._exit(found)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@as_root
@pytest.mark.parametrize("below", [SAY, IN_TERMINAL])
def test_a_server_in_another_folder_is_nobodys(below: str, home: Path, tmp_path: Path) -> None:
    port = start([home / "work/node", home / "work/main.js"], tmp_path / "out", below=below)
    assert told(tmp_path / "out", client(port, NOBODY)) == HIDDEN


@as_root
def test_a_connection_that_the_server_opens_vouches_for_nothing(home: Path, tmp_path: Path) -> None:
    words = [str(shutil.which("python3", path="/usr/bin:/bin")), "-c", LISTENER]
    with subprocess.Popen(words, stdout=subprocess.PIPE, user=NOBODY) as listener:
        assert listener.stdout is not None
        start(vscode(home), tmp_path / "out", dial=int(listener.stdout.readline()))
        assert told_now(tmp_path / "out") == HIDDEN


@as_root
@pytest.mark.parametrize("vouched", [True, False])
def test_a_server_counts_by_a_connected_one_that_relays_to_it(
    vouched: bool, home: Path, tmp_path: Path
) -> None:
    """As VS Code's command-line server does once its older one has outlived a login."""
    out = tmp_path / "out"
    port = start(vscode(home), out)
    relay = start(vscode(home), out, dial=port, below='until test -s "$OUT"; do sleep 0.1; done')
    with ExitStack() as stack:
        if vouched:
            stack.enter_context(client(relay, NOBODY))
        assert told_now(out) == (PERSON if vouched else HIDDEN)


def test_a_forward_over_ssh_vouches_for_a_server(ssh: tuple[str, ...], home: Path, tmp_path: Path) -> None:
    port = start(vscode(home), tmp_path / "out", below=IN_TERMINAL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        near = free.getsockname()[1]
    forward = [*ssh, "-N", "-L", f"{near}:127.0.0.1:{port}", "root@127.0.0.1"]
    with subprocess.Popen(forward, stdin=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while True:
            try:
                opened = socket.create_connection(("127.0.0.1", near))
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        with opened:
            assert opened.recv(2) == b"hi"
            assert told_now(tmp_path / "out") == PERSON
        process.terminate()


ROWS = [(kind, name) for kind, names in callers._catalog().items() if kind != "servers" for name in names]


@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_a_program_counts_where_only_root_can_change_it(
    kind: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the catalog: a file of that name counts by its owner, whatever runs it."""
    program = tmp_path / name
    program.touch(0o755)
    process = tmp_path / "7"
    process.mkdir()
    (process / "exe").symlink_to(program)
    (tmp_path / "sys").mkdir()
    monkeypatch.setattr(callers, "_PROC", tmp_path)
    monkeypatch.setattr(callers, "_is_roots", lambda path: True)
    assert [one for one in callers._catalog() if one != "servers" and callers._is_installed(7, one)] == [kind]
    monkeypatch.undo()
    monkeypatch.setattr(callers, "_PROC", tmp_path)
    tmp_path.chmod(0o777)
    assert not callers._is_installed(7, kind)


@pytest.mark.parametrize("name", ["python3", "python3.12", "bash", "perl", "node", "terminator", "guake"])
def test_no_interpreter_is_in_the_catalog(name: str) -> None:
    assert not [kind for kind, names in callers._catalog().items() if name in names]


SERVERS = {
    "*/.cursor-server/*": "/home/u/.cursor-server/cli/servers/Stable-f00/server/node",
    "*/.positron-server/*": "/home/u/.positron-server/bin/f00/node",
    "*/.vscode-remote/*": "/home/u/.vscode-remote/bin/f00/node",
    "*/.vscode-server*/*": "/home/u/.vscode-server-insiders/code-insiders-f00",
    "*/.vscodium-server*/*": "/home/u/.vscodium-server/bin/f00/node",
    "*/.windsurf-server/*": "/home/u/.windsurf-server/bin/f00/node",
    "*/code-server*/lib/*": "/home/u/.local/lib/code-server-4.96.4/lib/node",
    "*/node_modules/code-server/*": "/home/u/.npm/lib/node_modules/code-server/out/node/entry.js",
    "*/openvscode-server*/*": "/home/u/openvscode-server-v1.99.3-linux-x64/node",
}


def test_each_servers_folder_has_an_example() -> None:
    assert callers._catalog()["servers"] == list(SERVERS)
    for pattern, path in SERVERS.items():
        assert [one for one in SERVERS if fnmatchcase(path, one)] == [pattern]
    assert not any(fnmatchcase("/home/u/.nvm/versions/node/v22/bin/node", one) for one in SERVERS)
