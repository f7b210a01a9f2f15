"""Docker's credential helper: its documented calls, and logins by the real clients."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli_shell import TOKENWARD, Done, Shell
from credential_checks import add_record, assert_no_value_in_files, filled_in, needs, start
from hostile import REFERENCE, TOKEN, ledger
from image_registry import PULLS, image_registry

DOCKER = str(Path(TOKENWARD).with_name("docker-credential-tokenward"))


def test_docker_s_documented_calls(owner: Shell, clone: Shell) -> None:
    add_record(owner, "https://registry.example.com:5000", "--user", "alice")
    got = start(owner, [DOCKER, "get"], b"registry.example.com:5000\n")
    assert json.loads(got.text) == {
        "ServerURL": "registry.example.com:5000",
        "Username": "alice",
        "Secret": TOKEN,
    }
    assert start(owner, [DOCKER, "get"], b"registry.example.com\n").code == 1
    listed = start(owner, [DOCKER, "list"])
    assert json.loads(listed.text) == {"https://registry.example.com:5000": "alice"}
    assert json.loads(start(clone, [DOCKER, "list"]).text) == {}


def test_docker_logs_in_and_out(owner: Shell, clone: Shell, tmp_path: Path) -> None:
    login = {"ServerURL": "registry.example.com", "Username": "bob", "Secret": "p" * 20}
    assert start(clone, [DOCKER, "store"], json.dumps(login).encode()).code == 1
    stored = start(owner, [DOCKER, "store"], json.dumps(login).encode())
    assert (stored.code, stored.out) == (0, b"")
    assert json.loads(start(owner, [DOCKER, "get"], b"registry.example.com").text) == login
    assert start(clone, [DOCKER, "erase"], b"registry.example.com").code == 0
    assert owner("credential", "list").text.split("\t")[:2] == ["https://registry.example.com", "bob"]
    erased = start(owner, [DOCKER, "erase"], b"registry.example.com")
    assert (erased.code, erased.out) == (0, b"")
    assert "stays in the keyring" in erased.err
    assert owner("credential", "list").out == b""
    assert owner.get("REGISTRY_EXAMPLE_COM_PASSWORD") == "p" * 20
    events = [row.event for row in ledger(owner) if row.event.startswith("credential")]
    assert events == ["credential_added", "credential_removed"]
    assert_no_value_in_files(owner, tmp_path, "p" * 20)


LOGINS = {
    "docker": ["docker", "--config", "FOLDER", "login"],
    "skopeo": ["skopeo", "login", "--tls-verify=false", "--compat-auth-file", "FOLDER/config.json"],
}


@pytest.mark.parametrize("tool", [pytest.param(tool, marks=needs(tool)) for tool in LOGINS])
def test_a_login_is_stored_and_pulls_get_it(owner: Shell, tmp_path: Path, tool: str) -> None:
    config = tmp_path / "config"
    config.mkdir()
    with image_registry(TOKEN, tmp_path) as server:

        def run(command: list[str], *more: str, given: bytes = b"") -> Done:
            folder = {"FOLDER": str(config), "FILE": "config.json", "IMAGE": str(config / "image")}
            return start(owner, [*filled_in(command, PLACE=server.place, **folder), *more], given)

        (config / "config.json").write_text(json.dumps({"credHelpers": {server.place: "tokenward"}}))
        login = ("--username", "alice", "--password-stdin", server.place)
        done = run(LOGINS[tool], *login, given=TOKEN.encode())
        assert done.code == 0, done.err
        assert owner("credential", "list").text == f"https://{server.place}\talice\t{REFERENCE}\n"
        done = run(PULLS[tool])
        assert done.code == 0, done.err
    assert_no_value_in_files(owner, tmp_path)
