"""Sessions end with the process that they belong to, and nothing else is mistaken for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokenward.custody.leases.sessions import Editors, Sessions, SessionState

linux = pytest.mark.skipif(
    not Path("/proc/self/sessionid").exists(), reason="logins are logind's on Linux alone"
)

MACHINE = "0123456789abcdef" * 2
SERVER = """
import sys
from pathlib import Path
from tokenward.custody.leases.sessions import Editors
from tokenward.custody.leases.sessions import Sessions
sessions = Sessions(Path(sys.argv[1], "sessions.alive"))
Editors(Path(sys.argv[1], "custody.db"), sessions).opened([Path(sys.argv[2])])
print(sessions.editor(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    (tmp_path / "machine-id").write_text(f"{MACHINE}\n")
    return Sessions(tmp_path / "sessions.alive", tmp_path / "logins", tmp_path / "machine-id")


def test_an_editor_session_lasts_as_long_as_its_process(
    sessions: Sessions, tmp_path: Path, start: Callable[..., object]
) -> None:
    child = start(SERVER, tmp_path, tmp_path / "acme")
    mark = child.stdout.readline().strip()  # type: ignore[attr-defined]
    assert sessions.state(mark) is SessionState.LASTS
    assert mark != sessions.editor()
    child.kill()  # type: ignore[attr-defined]
    child.wait()  # type: ignore[attr-defined]
    assert sessions.state(mark) is SessionState.ENDED
    assert sessions.is_alive(sessions.editor())


def test_the_editor_that_has_a_folder_open_is_found_while_it_runs(
    sessions: Sessions, tmp_path: Path, start: Callable[..., object]
) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "acme")
    child = start(SERVER, tmp_path, tmp_path / "acme")
    mark = child.stdout.readline().strip()  # type: ignore[attr-defined]
    editors = Editors(tmp_path / "custody.db", sessions)
    for inside in ("acme", "acme/web", "link"):
        assert editors.session_of(tmp_path / inside) == mark
    assert editors.session_of(tmp_path / "acme-two") is None
    child.kill()  # type: ignore[attr-defined]
    child.wait()  # type: ignore[attr-defined]
    assert editors.session_of(tmp_path / "acme") is None


def test_the_boot_lasts_and_another_does_not(sessions: Sessions) -> None:
    kind, machine, boot = sessions.boot().split(":")
    another = "00000000-0000-0000-0000-000000000000"
    assert sessions.state(sessions.boot()) is SessionState.LASTS
    assert sessions.state(f"{kind}:{machine}:{another}") is SessionState.ENDED
    assert sessions.state(f"{kind}:{'0' * 32}:{boot}") is SessionState.LASTS


@pytest.mark.parametrize("kind", ["boot", "login", "editor"])
def test_no_boot_of_another_machine_or_of_an_unnamed_one_is_seen_to_end(
    sessions: Sessions, tmp_path: Path, kind: str
) -> None:
    """A second host with the same home must not end sessions of the first."""
    mark = f"{kind}:{MACHINE}:00000000-0000-0000-0000-000000000000:1:2:c2"
    assert sessions.state(mark) is SessionState.ENDED
    for machine_id in (None, "", "uninitialized\n", "f" * 32):
        (tmp_path / "machine-id").unlink(missing_ok=True)
        if machine_id is not None:
            (tmp_path / "machine-id").write_text(machine_id)
        assert sessions.state(mark) is SessionState.UNKNOWN
        assert sessions.state(sessions.boot()) is SessionState.LASTS


def test_a_file_of_presences_that_was_put_back_says_nothing_of_an_editor(
    sessions: Sessions, tmp_path: Path, start: Callable[..., object]
) -> None:
    child = start(SERVER, tmp_path, tmp_path / "acme")
    mark = child.stdout.readline().strip()  # type: ignore[attr-defined]
    backup = tmp_path / "backup"
    shutil.copy(tmp_path / "sessions.alive", backup)
    backup.replace(tmp_path / "sessions.alive")
    assert sessions.state(mark) is SessionState.UNKNOWN


@linux
def test_a_login_lasts_until_logind_closes_it(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_SESSION_ID", "c2")
    session = tmp_path / "logins" / "c2"
    session.parent.mkdir()
    session.write_text(f"# private\nUID={os.getuid()}\nSTATE=active\n")
    mark = sessions.login()
    assert mark.startswith("login:")
    assert mark.endswith(":c2")
    assert sessions.state(mark) is SessionState.LASTS
    session.write_text(f"UID={os.getuid()}\nSTATE=closing\n")
    assert sessions.state(mark) is SessionState.ENDED
    session.unlink()
    assert sessions.state(mark) is SessionState.ENDED


@linux
def test_a_login_that_cannot_be_seen_is_not_said_to_have_ended(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_SESSION_ID", "c2")
    logins = tmp_path / "logins"
    logins.mkdir()
    (logins / "c2").write_text(f"UID={os.getuid()}\n")
    mark = sessions.login()
    kind, machine, boot, _, place, login = mark.split(":")
    # As another user sees it, and as it is when its name was reassigned to another user's.
    assert sessions.state(f"{kind}:{machine}:{boot}:4321:{place}:{login}") is SessionState.UNKNOWN
    (logins / "c2").write_text("UID=4321\n")
    assert sessions.state(mark) is SessionState.UNKNOWN
    # As in a container with its own logind folder, or none.
    logins.rename(tmp_path / "moved")
    assert sessions.state(mark) is SessionState.UNKNOWN
    logins.mkdir()
    assert sessions.state(mark) is SessionState.UNKNOWN


@linux
def test_a_login_is_not_seen_from_a_namespace_of_users(tmp_path: Path) -> None:
    """The same home and logind file, but another user number."""
    program = "import sys\nfrom pathlib import Path\nfrom tokenward.custody.leases.sessions import Sessions\n"
    program += "one = Sessions(Path(sys.argv[1], 'sessions.alive'), Path(sys.argv[1], 'logins'))\n"
    (tmp_path / "logins").mkdir()
    (tmp_path / "logins" / "c2").write_text(f"UID={os.getuid()}\n")
    run = [sys.executable, "-c"]
    environment = {**os.environ, "XDG_SESSION_ID": "c2"}
    made = [*run, f"{program}print(one.login())", str(tmp_path)]
    mark = subprocess.run(made, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    command = [*run, f"{program}print(one.state(sys.argv[2]).value)", str(tmp_path), mark]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "lasts\n"
    namespace = ["unshare", "-U", "--map-user=4321"]
    if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], check=False).returncode:
        pytest.skip("this machine lets nobody make a namespace of users")
    seen = subprocess.run([*namespace, *command], capture_output=True, text=True, check=True).stdout
    assert seen == "unknown\n"


@linux
@pytest.mark.parametrize("named", ["", "../logins/c2", "c2\n", "c3", "c" * 400])
def test_no_session_of_another_is_taken_for_ones_own(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    (tmp_path / "logins").mkdir()
    (tmp_path / "logins" / "c2").write_text(f"UID={os.getuid()}\n")
    (tmp_path / "logins" / "c3").write_text(f"UID={os.getuid() + 1}\n")
    monkeypatch.setenv("XDG_SESSION_ID", named)
    assert sessions.login() == sessions.boot()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["", "editor:", "login:", "boot:"]), rest=st.text(max_size=40))
def test_what_is_no_mark_is_not_alive(sessions: Sessions, kind: str, rest: str) -> None:
    assert not sessions.is_alive(f"{kind}{rest}")
