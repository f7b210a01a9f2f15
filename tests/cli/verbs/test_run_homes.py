from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cli_shell import TOKENWARD, Shell


def test_a_folder_that_was_deleted_is_said_to_be_gone(bare_shell: Shell) -> None:
    gone = bare_shell.folder / "gone"
    gone.mkdir()
    command = f'cd "{gone}" && rmdir "{gone}" && exec "{TOKENWARD}" run true'
    done = subprocess.run(
        ["sh", "-c", command], env=dict(bare_shell.environment), capture_output=True, check=False
    )
    assert done.returncode == 125
    assert (
        done.stderr.decode()
        == "tokenward: The current folder no longer exists; change to another folder. true was not started.\n"
    )


def test_without_a_home_the_users_own_is_found(bare_shell: Shell) -> None:
    data = {"XDG_DATA_HOME": str(bare_shell.folder / "data"), "XDG_CACHE_HOME": str(bare_shell.folder)}
    assert bare_shell.without("HOME").having(**data)("run", "echo", "x").text == "x\n"


@pytest.mark.parametrize("variable", ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"])
def test_a_workspace_cannot_pose_as_the_users_home(bare_shell: Shell, variable: str, tmp_path: Path) -> None:
    others = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("DATA", "CONFIG", "CACHE")}
    bare_shell.having(**{**others, variable: "relative"})("run", "true")
    assert [path.name for path in bare_shell.folder.iterdir()] == []


def test_without_any_home_it_says_so_and_writes_nothing_here(bare_shell: Shell) -> None:
    user = ["unshare", "-U", "--map-user=54321"]
    if shutil.which("unshare") is None or subprocess.run([*user, "true"], check=False).returncode != 0:
        pytest.skip("needs a user that the system does not know")
    shell = replace(bare_shell, before=tuple(user))
    done = shell.without("HOME", "XDG_CACHE_HOME")("run", "true")
    assert (done.code, [path.name for path in bare_shell.folder.iterdir()]) == (125, [])
    assert done.err.startswith("tokenward: Your home folder is not known; set HOME")


def test_a_home_that_cannot_be_written_is_named(bare_shell: Shell) -> None:
    done = bare_shell.having(HOME="/dev/null", XDG_CACHE_HOME="/dev/null")("run", "true")
    assert done.code == 125
    assert "/dev/null/.local/share/tokenward" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a file system that can be made read-only")
def test_with_a_read_only_home_it_works_and_says_what_is_not_recorded(stored: Shell) -> None:
    home = stored.environment["HOME"]
    mount = f'mount --bind "{home}" "{home}" && mount -o remount,ro,bind "{home}" && exec "$@"'
    probe = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "-", "true"], capture_output=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip("this system lets nobody mount")
    run = [TOKENWARD, "run", "--no-mask", "--", "printenv", "TOKEN"]
    command = ["unshare", "-rm", "sh", "-c", mount, "-", *run]
    done = subprocess.run(
        command, env=dict(stored.environment), cwd=stored.folder, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"the value\n"), done
    assert b"The ledger does not record keyring://acme-api/TOKEN: " in done.stderr
