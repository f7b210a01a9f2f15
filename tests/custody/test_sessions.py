"""Sessions end with what they belong to, and nothing else is taken for them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokenward.custody.editors import Editors
from tokenward.custody.sessions import Sessions

linux = pytest.mark.skipif(
    not Path("/proc/self/sessionid").exists(), reason="logins are logind's on Linux alone"
)

SERVER = """
import sys
from pathlib import Path
from tokenward.custody.editors import Editors
from tokenward.custody.sessions import Sessions
sessions = Sessions(Path(sys.argv[1], "sessions.alive"))
Editors(Path(sys.argv[1], "custody.db"), sessions).opened([Path(sys.argv[2])])
print(sessions.editor(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path / "sessions.alive", tmp_path / "logins")


def test_an_editor_session_lasts_as_long_as_its_process(
    sessions: Sessions, tmp_path: Path, start: Callable[..., object]
) -> None:
    child = start(SERVER, tmp_path, tmp_path / "acme")
    mark = child.stdout.readline().strip()  # type: ignore[attr-defined]
    assert sessions.is_alive(mark)
    assert mark != sessions.editor()
    child.kill()  # type: ignore[attr-defined]
    child.wait()  # type: ignore[attr-defined]
    assert not sessions.is_alive(mark)
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
    assert sessions.is_alive(sessions.boot())
    assert not sessions.is_alive("boot:00000000-0000-0000-0000-000000000000")


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
    assert sessions.is_alive(mark)
    session.write_text(f"UID={os.getuid()}\nSTATE=closing\n")
    assert not sessions.is_alive(mark)
    session.unlink()
    assert not sessions.is_alive(mark)


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
