"""The demo ends well however it is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from compile_rules import ROOT

import keyring_session
from starts import orphaned

DEMO = (sys.executable, str(ROOT / "scripts" / "demo.py"))
OWN_NAMESPACE = ("unshare", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc", "--")
DONE = "Done. The folder and the keyring are gone"


@pytest.mark.slow
@pytest.mark.skipif(not keyring_session.AVAILABLE, reason=keyring_session.WHY_NOT)
@pytest.mark.parametrize(
    "variables",
    [{}, {"CI": "true"}, {"TERM": "dumb", "PATH": os.defpath}],
    ids=["as by hand", "in CI", "as by cron"],
)
def test_it_works_without_a_terminal(variables: dict[str, str], rules_home: Path) -> None:
    bare = {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"], **variables}
    done = subprocess.run(
        [*DEMO, str(rules_home)],
        env=bare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert DONE in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process counts as detached")
def test_it_works_after_what_started_it_has_gone(rules_home: Path, tmp_path: Path) -> None:
    done = orphaned([*DEMO, str(rules_home)], os.environ, tmp_path)
    assert (done.code, DONE in done.text) == (0, True), done
    assert "an encrypted file, since nobody attends this process" in done.text


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces of processes")
def test_it_works_as_the_first_process_of_a_container(rules_home: Path) -> None:
    if subprocess.run([*OWN_NAMESPACE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no namespaces")
    done = subprocess.run(
        [*OWN_NAMESPACE, *DEMO, str(rules_home)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert DONE in done.stdout


def test_an_agent_is_told_that_a_person_starts_it(rules_home: Path) -> None:
    done = subprocess.run(
        [*DEMO, str(rules_home)],
        env={**os.environ, "CLAUDECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "demo: it shows what a person does, and Claude Code started it; run it in a terminal of your own.\n"
    )
