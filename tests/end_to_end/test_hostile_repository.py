"""Promise 3, a reference works only where it belongs: what a cloned repository can claim, and what it gets."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cli_shell import Shell
from hostile import (
    FAILED,
    IDS,
    NAMES,
    NOT_STARTED,
    REFERENCE,
    TOKEN,
    assert_gets_nothing,
    assert_refused,
    assert_refused_but_warned,
    assert_safe,
    ledger,
)
from lsp_client import editor

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, FIFOs and names of POSIX")


def test_the_owner_gets_the_token(owner: Shell) -> None:
    (owner.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    done = owner("run", "--no-mask", "--", "sh", "-c", "printf %s $GITHUB_TOKEN")
    assert (done.code, done.text) == (0, TOKEN)


def test_a_clone_with_the_same_name_gets_nothing(owner: Shell, clone: Shell) -> None:
    assert_gets_nothing(clone, "acme-api belongs to", "tokenward bind acme-api")
    assert owner.get("GITHUB_TOKEN") == TOKEN


def test_a_clone_whose_settings_claim_the_name_gets_nothing(owner: Shell, clone: Shell) -> None:
    (clone.folder / "tokenward.toml").write_text('workspace-name = "acme-api"\n')
    assert_gets_nothing(clone, "acme-api belongs to")
    clone.put("GITHUB_TOKEN", "its own")
    assert owner.get("GITHUB_TOKEN") == TOKEN
    assert "keyring://acme-api-2/GITHUB_TOKEN" in clone("list").text
    assert_gets_nothing(clone, "acme-api belongs to")


def test_a_clone_inside_the_workspace_gets_nothing(owner: Shell, clone: Shell) -> None:
    nested = owner.folder / "vendor" / "evil"
    shutil.copytree(clone.folder, nested)
    assert_gets_nothing(owner.at(nested), "acme-api belongs to")


def test_a_folder_of_the_workspace_itself_gets_the_token(owner: Shell) -> None:
    inner = owner.folder / "src"
    inner.mkdir()
    (owner.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    assert owner.at(inner)("run", "--no-mask", "--", "sh", "-c", "printf %s $GITHUB_TOKEN").text == TOKEN


def test_a_link_to_the_workspace_is_not_the_workspace(owner: Shell, clone: Shell) -> None:
    """A repository's link leads to the owner's folder; commands run in the repository stay outside."""
    (clone.folder / "link").symlink_to(owner.folder)
    (clone.folder / ".env").unlink()
    (clone.folder / ".env").symlink_to(owner.folder / ".env")
    (owner.folder / ".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    assert_refused(clone("run", "--", "true"), NOT_STARTED, ".env leads out of the workspace")


def test_a_link_out_of_the_repository_is_not_written_by_a_move(clone: Shell, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("A=1\n")
    (clone.folder / ".env").unlink()
    (clone.folder / ".env").symlink_to(outside)
    (clone.folder / "app.py").write_text(f'GITHUB_TOKEN = "{TOKEN}"\n')
    done = clone("move", "app.py")
    assert done.code == FAILED
    assert_safe(done)
    assert outside.read_text() == "A=1\n"


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"T{n}=keyring://acme-api/T{n}\n" for n in range(10_000)),
        "".join(f"T{n}=x{n}{REFERENCE}\n" for n in range(10_000)),
        "T=" + " ".join([REFERENCE] * 10_000),
        "\n".join(["A0=0123456789", *(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}" for n in range(1, 99))]),
        "A='" + "\\'" * 50_000,
        "A=${" * 50_000,
    ],
    ids=["many names", "one name often", "one long line", "doubling", "an open quote", "open braces"],
)
def test_a_huge_environment_file_ends_soon_and_starts_nothing(clone: Shell, text: str) -> None:
    """It ends within the time limit of the test shell, and one record covers all refused references."""
    (clone.folder / ".env").write_text(f"{text}\nLAST={REFERENCE}\n")
    before = len(ledger(clone))
    assert_refused_but_warned(clone("run", "--", "true"))
    events = ledger(clone)[before:]
    assert len(events) <= 1
    assert {row.event for row in events} <= {"refused"}


def test_an_environment_file_that_never_ends_is_not_waited_for(clone: Shell) -> None:
    (clone.folder / ".env").unlink()
    os.mkfifo(clone.folder / ".env")
    assert_refused(clone("run", "--", "true"), NOT_STARTED, ".env is not a regular file")


def test_an_environment_file_that_is_a_folder_is_named(clone: Shell) -> None:
    (clone.folder / ".env").unlink()
    (clone.folder / ".env").mkdir()
    assert_refused(clone("run", "--", "true"), NOT_STARTED, ".env")


@pytest.mark.parametrize("kind", ["fifo", "folder", "huge", "binary", "link"])
def test_an_odd_settings_file_is_passed_over_with_a_sentence(clone: Shell, kind: str) -> None:
    path = clone.folder / "tokenward.toml"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    else:
        path.write_bytes(b"a = 1\n" * 100_000 if kind == "huge" else bytes(range(256)))
    (clone.folder / ".env").write_text("A=1\n")
    done = clone("run", "--", "true")
    assert done.code == 0
    assert_safe(done)
    assert [line for line in done.err.splitlines() if "tokenward.toml" in line] == done.err.splitlines()[:1]


@pytest.mark.slow
@pytest.mark.usefixtures("own_interpreter")
def test_the_repository_cannot_choose_the_keyring_or_the_modules(owner: Shell, clone: Shell) -> None:
    """Neither by modules in the folder where the command runs, nor by variables of its `.env`."""
    for name in ("keyring", "secretstorage", "dotenv", "sitecustomize", "typer", "tokenward", "evil"):
        (clone.folder / f"{name}.py").write_text("open('owned', 'w').close()\n")
    clone.put("OWN", "its own")
    (clone.folder / ".env").write_text(
        "PYTHON_KEYRING_BACKEND=evil.Keyring\nPYTHONPATH=.\nOWN=keyring://acme-api-2/OWN\n"
    )
    (clone.folder / "tokenward.toml").write_text('allowed-backends = ["evil"]\nvault-file = "/tmp/x"\n')
    done = clone("run", "--no-mask", "--", "sh", "-c", 'printf %s "$OWN"')
    assert done.text == "its own"
    assert not (clone.folder / "owned").exists()
    assert owner.get("GITHUB_TOKEN") == TOKEN


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_a_hostile_file_name_does_not_control_the_terminal(owner: Shell, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(owner.folder) + b"/" + name + b".json"))
    for text, code in ((f'{{"github_token": "{TOKEN}"}}', 0), ("{}", FAILED), (f'"{TOKEN}', FAILED)):
        path.write_text(text)
        done = owner("move", "--inject", "--", path.name)
        assert (done.code, done.out) == (code, b""), done.err
        assert_safe(done)
    path.write_text(f'{{"github_token": "{REFERENCE}"}}')
    for arguments in (["restore", "--", path.name], ["inject", "-o", "filled", "--", f"{path.name}x"]):
        assert_safe(owner(*arguments))
    assert_safe(owner("run", "--env-file", f"{path.name}x", "--", "true"))
    assert_safe(owner("doctor"))
    assert not (owner.folder / "owned").exists()


@pytest.mark.parametrize("name", NAMES, ids=IDS)
def test_a_hostile_folder_name_does_not_control_the_terminal(
    unlocked: dict[str, str], tmp_path: Path, name: bytes
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    folder.mkdir()
    shell = Shell(unlocked, folder)
    (folder / "app.py").write_text(f'GITHUB_TOKEN = "{TOKEN}"\n')
    moved = shell("move", "app.py")
    assert moved.code == 0, moved.err
    for arguments in (
        ["list"],
        ["list", "--format", "json"],
        ["workspaces"],
        ["doctor"],
        ["get", "keyring://x/Y"],
    ):
        assert_safe(shell(*arguments))
    assert shell("run", "--no-mask", "--", "sh", "-c", "printf %s $GITHUB_TOKEN").text == TOKEN
    assert shell("restore", "app.py").code == 0
    assert TOKEN in (folder / "app.py").read_text()


async def test_an_editor_in_a_hostile_repository_is_told_one_sentence(clone: Shell, tmp_path: Path) -> None:
    """A `.env` that links outside is not offered for a move, and other workspaces' references are no findings."""
    (clone.folder / ".env").unlink()
    outside = tmp_path / "outside"
    outside.write_text("A=1\n")
    (clone.folder / ".env").symlink_to(outside)
    name = Path(os.fsdecode(os.fsencode(clone.folder) + b"/\xff\n\x1b[2J.json"))
    async with editor(dict(clone.environment), clone.folder) as one:
        app = (clone.folder / "app.py").as_uri()
        one.open(app, f'import os\nGITHUB_TOKEN = "{TOKEN}"\nx = "{REFERENCE}"\n')
        (found,) = await one.diagnostics(app)
        assert not [a.title for a in await one.actions(app, found) if "Move" in a.title]
        one.open(name.as_uri(), f'{{"github_token": "{TOKEN}"}}', "json")
        (found,) = await one.diagnostics(name.as_uri())
        await one.run((await one.actions(name.as_uri(), found))[0])
        message = await one.told("Moved the GitHub token")
        assert message.isprintable()
        assert "keyring://acme-api-2/GITHUB_TOKEN" in message
    assert outside.read_text() == "A=1\n"
