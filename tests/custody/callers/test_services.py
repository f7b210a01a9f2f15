"""What started a process without a person: real cron jobs and hooks, CI's variables, and systemd's control groups."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tokenward.custody.callers import starters
from tokenward.custody.callers.callers import Caller
from tokenward.custody.callers.processes import Process, lineage
from tokenward.custody.callers.starters import CI_VARIABLES, services_of, unit_in

TELL = (
    "import json, os; from tokenward.custody.callers.callers import caller;"
    "print(json.dumps(caller(os.getpid()).services))"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell enough")
USER = "/user.slice/user-7.slice/user@7.service"


def told(*command: str, **variables: str) -> list[str]:
    """Return the services that the Python at the end of a command reports, without those around the tests."""
    found = json.loads(run(*command, **variables))
    around = json.loads(run(sys.executable, "-c", TELL))
    return [name for name in found if name not in around or name in variables.values()]


def run(*command: str, **variables: str) -> str:
    environment = {**os.environ, "PYTHON": sys.executable, "TELL": TELL, **variables}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


@pytest.mark.parametrize(
    ("group", "unit"),
    [
        ("/system.slice/backup.service", "backup.service"),
        ("/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service"),
        ("/system.slice/backup.service/inner.service", "backup.service"),
        (f"{USER}/app.slice/sync.service", "user:sync.service"),
        (f"{USER}/init.scope", ""),
        (f"{USER}/system.slice/backup.service", "user:backup.service"),
        ("/user.slice/backup.service", "user:backup.service"),
        ("/user.slice/user-7.slice/session-3.scope", ""),
        ("/system.slice/docker-0123.scope", ""),
        ("/", ""),
        ("", ""),
    ],
)
def test_a_unit_is_the_systems_only_outside_the_users_own_manager(group: str, unit: str) -> None:
    assert unit_in(group) == unit


@pytest.mark.parametrize(
    ("group", "is_attended", "expected"),
    [
        ("/system.slice/backup.service", False, ("backup.service",)),
        # A person's terminal may be in a service of the system, which the system vouches for all the same.
        ("/system.slice/code-server.service", True, ("code-server.service",)),
        (f"{USER}/app.slice/sync.service", False, ("user:sync.service",)),
        (f"{USER}/app.slice/sync.service", True, ()),
        (f"{USER}/app.slice/app-org.kde.konsole@1.service", False, ()),
        (f"{USER}/app.slice/gnome-terminal-server.service", False, ()),
    ],
)
def test_a_desktops_program_is_no_service(
    group: str, is_attended: bool, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starters, "control_group", {90: group}.__getitem__)
    chain = [Process(90, "tokenward", (), {}, False), Process(1, "init", (), {}, False)]
    assert services_of(chain, is_attended=is_attended) == expected


@linux
def test_a_job_of_cron_is_known_where_cron_runs_as_root(tmp_path: Path) -> None:
    """The scheduler runs as root, and so may these tests."""
    cron = tmp_path / "cron"
    cron.symlink_to("/bin/sh")
    command = (str(cron), "-c", '"$PYTHON" -c "$TELL"; true')
    assert told(*command) == (["cron"] if os.getuid() == 0 else [])


@linux
@pytest.mark.skipif(
    sys.platform == "win32" or os.getuid() != 0, reason="makes a program that gets root's rights"
)
def test_a_program_with_roots_rights_that_a_user_names_cron_is_not_believed() -> None:
    """Such as `su`, by a link to it; here it is `sleep`."""
    with tempfile.TemporaryDirectory() as folder:
        cron = Path(folder, "cron")
        shutil.copy(str(shutil.which("sleep")), cron)
        Path(folder).chmod(0o755)
        cron.chmod(0o4755)
        with subprocess.Popen([str(cron), "60"], user=65534, env={}) as forged:
            try:
                own = next(lineage(forged.pid))
                assert (own.name, own.user) == ("cron", 65534)
                assert services_of([own], is_attended=False) == ()
            finally:
                forged.kill()


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_a_hook_that_git_runs_is_known(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = [
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            "-c",
            "core.hooksPath=.git/hooks",
        ]
        command = ["git", *identity, *arguments]
        environment = {**os.environ, "PYTHON": sys.executable, "TELL": TELL, "OUT": str(tmp_path / "out")}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)

    git("init", "-q")
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n"$PYTHON" -c "$TELL" >"$OUT"\n')
    hook.chmod(0o755)
    git("commit", "-q", "--allow-empty", "-m", "x")
    assert "git-hook" in json.loads((tmp_path / "out").read_text())
    assert told("git", "-c", 'alias.x=!"$PYTHON" -c "$TELL"', "x") == []


@pytest.mark.parametrize("variable", CI_VARIABLES)
def test_each_ci_is_known_by_its_variable(variable: str) -> None:
    chain = [Process(90, "tokenward", (), {}, False), Process(80, "sh", (), {variable: "true"}, False)]
    assert services_of(chain, is_attended=False) == (CI_VARIABLES[variable],)
    chain[1] = Process(80, "sh", (), {variable: "false"}, False)
    assert services_of(chain, is_attended=False) == ()


def test_a_caller_is_a_person_an_agent_or_what_started_it() -> None:
    assert Caller(()).starters == {"person"}
    assert Caller((), is_unattended=True).starters == set()
    assert Caller((), services=("cron", "backup.service")).starters == {"cron", "backup.service"}
    assert Caller((), services=("cron",), agent="Codex").starters == {"agent"}
    assert Caller((), is_detached=True).starters == {"agent"}
    assert Caller((), services=("cron",)).to_json()["services"] == ["cron"]
