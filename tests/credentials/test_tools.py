"""The other credential helpers, with the real tool where there is one on PATH."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from asking_server import AskingServer, asking_server
from cargo_registry import cargo_registry
from certificates import new_certificate
from cli_shell import TOKENWARD, Done, Shell
from credential_checks import add_record, assert_no_value_in_files, end_lease, filled_in, needs, start, uses
from hostile import REFERENCE, TOKEN, ledger
from image_registry import PULLS, image_registry
from package_index import basic

DOCKER = str(Path(TOKENWARD).with_name("docker-credential-tokenward"))
HAS_ENDED = "has no uses left"
KUBERNETES = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": {}}
NAMED = {
    "aws": ["aws", "ABCDEFGH1234", REFERENCE],
    "kubectl": ["kubectl", REFERENCE],
    "headers": ["headers", f"Authorization: Bearer {REFERENCE}"],
}
"""The arguments with which a tool's own configuration names the token."""


@pytest.mark.parametrize("tool", NAMED)
def test_a_tool_that_names_the_token_gets_it_in_its_workspace_alone(
    owner: Shell, clone: Shell, tmp_path: Path, tool: str
) -> None:
    # Only kubectl's helper reads it.
    owner, clone = (one.having(KUBERNETES_EXEC_INFO=json.dumps(KUBERNETES)) for one in (owner, clone))
    done = owner("credential", *NAMED[tool])
    assert (done.code, done.err) == (0, "")
    assert TOKEN in json.dumps(json.loads(done.text))
    elsewhere = clone("credential", *NAMED[tool])
    assert (elsewhere.code, elsewhere.out) == (2, b"")
    assert f"acme-api belongs to {owner.folder}" in elsewhere.err
    end_lease(owner)
    ended = owner("credential", *NAMED[tool])
    assert (ended.code, ended.out) == (2, b"")
    assert HAS_ENDED in ended.err
    assert uses(owner) == [("resolved", tool), ("refused", tool), ("refused", tool)]
    assert_no_value_in_files(owner, tmp_path)


@pytest.mark.parametrize("tool", NAMED)
def test_nothing_is_shown_on_a_terminal_without_a_yes(owner: Shell, tool: str) -> None:
    with owner.terminal("credential", *NAMED[tool]) as terminal:
        terminal.expect("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert TOKEN not in terminal.shown
    assert uses(owner) == []


def test_docker_s_documented_calls(owner: Shell, clone: Shell, tmp_path: Path) -> None:
    add_record(owner, "https://registry.example.com:5000", "--user", "alice")
    server = b"registry.example.com:5000\n"
    got = start(owner, [DOCKER, "get"], server)
    assert json.loads(got.text) == {
        "ServerURL": "registry.example.com:5000",
        "Username": "alice",
        "Secret": TOKEN,
    }
    assert (got.code, got.err) == (0, "")
    other = start(owner, [DOCKER, "get"], b"registry.example.com\n")
    assert (other.code, other.text, other.err) == (1, "credentials not found in native keychain\n", "")
    listed = start(owner, [DOCKER, "list"])
    assert json.loads(listed.text) == {"https://registry.example.com:5000": "alice"}
    assert json.loads(start(clone, [DOCKER, "list"]).text) == {}
    elsewhere = start(clone, [DOCKER, "get"], server)
    assert (elsewhere.code, elsewhere.err) == (1, "")
    assert f"acme-api belongs to {owner.folder}" in elsewhere.text
    end_lease(owner)
    ended = start(owner, [DOCKER, "get"], server)
    assert ended.code == 1
    assert HAS_ENDED in ended.text
    asked = "docker:https://registry.example.com:5000"
    assert uses(owner) == [("resolved", asked), ("refused", asked), ("refused", asked)]
    assert_no_value_in_files(owner, tmp_path)


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
def test_a_login_is_stored_and_pulls_get_it_in_its_workspace_alone(
    owner: Shell, clone: Shell, tmp_path: Path, tool: str
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    with image_registry(TOKEN, tmp_path) as server:

        def run(shell: Shell, command: list[str], *more: str, given: bytes = b"") -> Done:
            folder = {"FOLDER": str(config), "FILE": "config.json", "IMAGE": str(config / "image")}
            return start(shell, [*filled_in(command, PLACE=server.place, **folder), *more], given)

        (config / "config.json").write_text(json.dumps({"credHelpers": {server.place: "tokenward"}}))
        assert run(owner, PULLS[tool]).code != 0
        assert uses(owner) == []
        login = ("--username", "alice", "--password-stdin", server.place)
        done = run(owner, LOGINS[tool], *login, given=TOKEN.encode())
        assert done.code == 0, done.err
        assert owner("credential", "list").text == f"https://{server.place}\talice\t{REFERENCE}\n"
        done = run(owner, PULLS[tool])
        assert done.code == 0, done.err
        sent = server.sent.count(basic(TOKEN))
        elsewhere = run(clone, PULLS[tool])
        end_lease(owner)
        ended = run(owner, PULLS[tool])
        assert server.sent.count(basic(TOKEN)) == sent
    assert 0 not in (elsewhere.code, ended.code)
    assert {event for event, _ in uses(owner)} == {"resolved", "refused"}
    assert {asked for _, asked in uses(owner)} == {f"docker:https://{server.place}"}
    assert_no_value_in_files(owner, tmp_path)


@needs("aws")
def test_aws_signs_with_the_stored_key(owner: Shell, clone: Shell, tmp_path: Path) -> None:
    answer = (
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
    )
    pages = {"/": ("text/xml", f"{answer}</GetCallerIdentityResponse>")}
    home = tmp_path / "aws"
    home.mkdir()
    config = home / "config"
    config.write_text(
        f"[default]\nregion = eu-west-1\ncredential_process = tokenward credential aws ABCDEFGH1234 {REFERENCE}\n"
    )
    # `aws` may be a stand-in of pyenv, which looks for the program in the home folder.
    pyenv = os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))
    variables = {"AWS_CONFIG_FILE": str(config), "AWS_EC2_METADATA_DISABLED": "true", "PYENV_ROOT": pyenv}
    owner, clone = owner.having(**variables), clone.having(**variables)
    with asking_server(lambda _: pages, lambda sent: "Credential=ABCDEFGH1234/" in sent) as server:
        command = ["aws", "sts", "get-caller-identity", "--endpoint-url", server.url]
        done = start(owner, command)
        assert json.loads(done.text) == {"Account": "1"}, done.err
        sent = len(server.sent)
        elsewhere = start(clone, command)
        end_lease(owner)
        ended = start(owner, command)
        assert len(server.sent) == sent
    assert elsewhere.code != 0
    assert f"acme-api belongs to {owner.folder}" in elsewhere.err
    assert ended.code != 0
    assert HAS_ENDED in ended.err
    assert {event for event, asked in uses(owner) if asked == "aws"} == {"resolved", "refused"}
    assert_no_value_in_files(owner, tmp_path)


@needs("cargo")
def test_cargo_reads_an_index_with_the_stored_token(owner: Shell, clone: Shell, tmp_path: Path) -> None:
    with cargo_registry() as server:
        index = f"sparse+{server.url}/index/"
        assert search(owner, server, tmp_path).code != 0
        assert TOKEN not in server.sent
        assert uses(owner) == []
        add_record(owner, index)
        assert search(owner, server, tmp_path).code == 0
        assert TOKEN in server.sent
        sent = server.sent.count(TOKEN)
        elsewhere = search(clone, server, tmp_path)
        end_lease(owner)
        ended = search(owner, server, tmp_path)
        assert server.sent.count(TOKEN) == sent
    assert elsewhere.code != 0
    assert f"acme-api belongs to {owner.folder}" in elsewhere.err
    assert ended.code != 0
    assert HAS_ENDED in ended.err
    assert {event for event, _ in uses(owner)} == {"resolved", "refused"}
    assert_no_value_in_files(owner, tmp_path)


def search(shell: Shell, server: AskingServer, place: Path) -> Done:
    """Search a registry by cargo, which reads its index first."""
    home = place / "cargo"
    home.mkdir(exist_ok=True)
    home.joinpath("config.toml").write_text(
        f'[registries.mine]\nindex = "sparse+{server.url}/index/"\n'
        'credential-provider = "cargo-credential-tokenward"\n'
    )
    rustup = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    cargo = shell.having(CARGO_HOME=str(home), RUSTUP_HOME=rustup)
    return start(cargo, ["cargo", "search", "--registry", "mine", "x"])


@needs("kubectl")
def test_kubectl_sends_the_stored_token_to_its_cluster(owner: Shell, clone: Shell, tmp_path: Path) -> None:
    pages = {"/version": ("application/json", json.dumps({"gitVersion": "v1.0.0"}))}
    # It sends no token without TLS.
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(new_certificate("localhost"))
    with asking_server(lambda _: pages, lambda sent: sent == f"Bearer {TOKEN}", certificate) as server:
        config = tmp_path / "config"
        config.write_text(
            "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"
            f"clusters: [{{name: a, cluster: {{server: 'https://{server.place}', insecure-skip-tls-verify: true}}}}]\n"
            f"users:\n- name: a\n  user:\n    exec: {{apiVersion: {KUBERNETES['apiVersion']}, command: tokenward, "
            f"args: [credential, kubectl, '{REFERENCE}'], interactiveMode: IfAvailable}}\n"
        )
        owner, clone = (one.having(KUBECONFIG=str(config)) for one in (owner, clone))
        ask = ["kubectl", "get", "--raw", "/version"]
        done = start(owner, ask)
        assert json.loads(done.text) == {"gitVersion": "v1.0.0"}, done.err
        sent = len(server.sent)
        elsewhere = start(clone, ask)
        end_lease(owner)
        ended = start(owner, ask)
        assert len(server.sent) == sent
    assert f"acme-api belongs to {owner.folder}" in elsewhere.err
    assert HAS_ENDED in ended.err
    assert 0 not in (elsewhere.code, ended.code)
    assert {event for event, asked in uses(owner) if asked == "kubectl"} == {"resolved", "refused"}
    assert_no_value_in_files(owner, tmp_path)


def test_a_stand_in_for_kubectl_gets_what_its_kubeconfig_names(owner: Shell) -> None:
    """Run the plugin of a kubeconfig as client-go does: with the request in a variable and the answer on stdout."""
    program = (
        "import json, os, subprocess, sys\n"
        f"os.environ['KUBERNETES_EXEC_INFO'] = {json.dumps(json.dumps(KUBERNETES))}\n"
        f"command = ['tokenward', 'credential', 'kubectl', {REFERENCE!r}]\n"
        "answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)\n"
        "print(answer['apiVersion'], answer['kind'], len(answer['status']['token']))\n"
    )
    done = start(owner, [sys.executable, "-c", program])
    assert done.text == f"{KUBERNETES['apiVersion']} ExecCredential {len(TOKEN)}\n", done.err
    assert uses(owner) == [("resolved", "kubectl")]
