"""The tools get the token after a move out of their own files in the home folder, in any folder."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

import tokens
from asking_server import asking_server
from aws_endpoint import aws_endpoint
from cargo_registry import cargo_registry
from certificates import new_certificate
from cli_shell import Shell
from crates_io import crates_io
from credential_checks import assert_no_value_in_files, filled_in, home, move, needs, resolved, restore
from git_server import GIT, git_server
from git_tree import repository
from hostile import TOKEN
from image_registry import PULLS, image_registry
from npm_registry import npm_registry
from package_index import basic, package_index

OTHER, PASSWORD = tokens.github("another user's"), "kV7wq" + "Zr2Tp9Lx4"
KEYS = {"default": tokens.aws("moved"), "other": tokens.aws("another account's")}
ID, SECRET = KEYS["default"]


@pytest.fixture
def project(owner: Shell, tmp_path: Path) -> Shell:
    """A project that has nothing to do with the home folder."""
    return owner.at(repository(tmp_path / "project"))


def started(shell: Shell, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=shell.folder,
        env={**os.environ, **shell.environment, **GIT, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@needs("aws")
def test_the_aws_cli_gets_the_secret_of_each_profile(project: Shell) -> None:
    text = "\n".join(
        f"[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\nregion = eu-west-1\n"
        for profile, (key, secret) in KEYS.items()
    )
    move(project, ".aws/credentials", text)
    for profile, (key, secret) in KEYS.items():
        assert_no_value_in_files(project, project.folder, secret)
        with aws_endpoint(key, secret) as url:
            ask = ["aws", "sts", "get-caller-identity", "--endpoint-url", url, "--profile", profile]
            done = started(project, *ask)
        assert "user/a" in done.stdout, done.stderr
    assert resolved(project) == ["aws", "aws"]
    assert restore(project, ".aws/credentials") == text


def kube_token(shell: Shell, path: Path, **variables: str) -> str | None:
    """Return the token that a client of Kubernetes gets by the plugin that a kubeconfig names."""
    plugin = yaml.safe_load(path.read_text())["users"][0]["user"]["exec"]
    asked: dict[str, Any] = {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": {}}
    variables["KUBERNETES_EXEC_INFO"] = json.dumps(asked)
    done = started(shell, plugin["command"], *plugin["args"], **variables)
    return json.loads(done.stdout)["status"]["token"] if done.stdout else None


def test_a_client_of_kubernetes_gets_the_token(project: Shell) -> None:
    text = f"apiVersion: v1\nkind: Config\nusers:\n- name: me\n  user:\n    token: {TOKEN}\n"
    move(project, ".kube/config", text)
    assert kube_token(project, home(project) / ".kube/config") == TOKEN
    assert restore(project, ".kube/config") == text


@pytest.mark.parametrize("kind", ["token", "key"])
@needs("kubectl")
def test_kubectl_runs_the_plugin_that_the_move_leaves(project: Shell, tmp_path: Path, kind: str) -> None:
    pages = {"/version": ("application/json", "{}")}
    certificate, own = tmp_path / "server.pem", tmp_path / "client.pem"
    certificate.write_bytes(new_certificate("localhost"))
    key, begin, rest = new_certificate("me").partition(b"-----BEGIN CERTIFICATE-----")
    own.write_bytes(begin + rest)
    public, secret = (base64.b64encode(pem).decode() for pem in (begin + rest, key))
    user = {
        "token": f"    token: {TOKEN}\n",
        "key": f"    client-certificate-data: {public}\n    client-key-data: {secret}\n",
    }[kind]

    def is_right(sent: str) -> bool:
        return kind == "key" or sent == f"Bearer {TOKEN}"

    clients = own if kind == "key" else None
    with asking_server(lambda _: pages, is_right, certificate, clients) as server:
        text = (
            "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts:\n- name: a\n  context:\n    cluster: a\n"
            f"    user: a\nclusters:\n- name: a\n  cluster:\n    server: https://{server.place}\n"
            f"    insecure-skip-tls-verify: true\nusers:\n- name: a\n  user:\n{user}"
        )
        move(project, ".kube/config", text)
        assert_no_value_in_files(project, project.folder, TOKEN if kind == "token" else secret)
        done = started(project, "kubectl", "get", "--raw", "/version")
        assert done.stdout == "{}", done.stderr
        assert resolved(project) == ["kubectl"]
        assert restore(project, ".kube/config") == text
        move(project, ".kube/config", text)
        assert started(project, "kubectl", "config", "set-context", "a", "--namespace=b").returncode == 0
        restored = restore(project, ".kube/config")
        done = started(project, "kubectl", "get", "--raw", "/version")
    assert done.stdout == "{}", done.stderr
    (found,) = yaml.safe_load(restored)["users"]
    assert found["user"] == yaml.safe_load(user)


def test_a_kubeconfig_in_another_place_has_to_be_named_in_a_variable(project: Shell) -> None:
    name = "clusters/prod.kubeconfig"
    said = move(project, name, f"kind: Config\nusers:\n- user:\n    token: {TOKEN}\n")
    assert "KUBECONFIG" in said
    path = home(project) / name
    assert kube_token(project, path) is None
    assert kube_token(project, path, KUBECONFIG=f"/none{os.pathsep}{path}") == TOKEN


def test_claude_code_gets_the_headers(project: Shell) -> None:
    server = {
        "type": "http",
        "url": "https://example.com/mcp",
        "headers": {"Authorization": f"Bearer {TOKEN}"},
    }
    text = json.dumps({"mcpServers": {"a": server}}, indent=2)
    move(project, ".claude.json", text)
    helper = json.loads((home(project) / ".claude.json").read_text())["mcpServers"]["a"]["headersHelper"]
    done = started(project, "/bin/sh", "-c", helper)
    assert done.stdout, done.stderr
    assert json.loads(done.stdout) == {"Authorization": f"Bearer {TOKEN}"}
    assert restore(project, ".claude.json") == text


def test_claude_code_gets_its_own_key(project: Shell) -> None:
    text = json.dumps({"env": {"A": "b", "ANTHROPIC_API_KEY": TOKEN}}, indent=2)
    move(project, ".claude/settings.json", text)
    settings = json.loads((home(project) / ".claude/settings.json").read_text())
    assert "ANTHROPIC_API_KEY" not in settings["env"]
    done = started(project, "/bin/sh", "-c", settings["apiKeyHelper"])
    assert done.stdout == f"{TOKEN}\n", done.stderr
    assert restore(project, ".claude/settings.json") == text


def test_a_project_that_names_a_token_of_the_home_folder_gets_nothing(project: Shell) -> None:
    move(project, ".aws/credentials", f"[a]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n")
    reference = re.findall(r"keyring://\S+", (home(project) / ".aws/credentials").read_text())[0]
    done = started(project, "tokenward", "credential", "headers", f"X-Key: {reference}")
    assert (done.stdout, done.returncode) == ("", 2)
    (project.folder / ".env").write_text(f"KEY={reference}\n")
    assert project("run", "--", "env").code == 125


def line_of(user: str, password: str = "SECRET") -> str:
    return f"http://{user}:{password}@PLACE"


LOGINS = {
    "by hand": [("alice", TOKEN, line_of("alice")), ("bob", OTHER, line_of("bob"))],
    # As git itself writes an address, signs in a password, and a port.
    "by git": [
        ("a@example.com", f"{PASSWORD}@/:%$", line_of("a%40example.com", f"{PASSWORD}%40%2f%3a%25%24"))
    ],
}


@pytest.mark.parametrize("written", LOGINS)
def test_git_gets_the_passwords_by_the_commands_that_the_move_names(
    project: Shell, tmp_path: Path, written: str
) -> None:
    started(project, "git", "config", "--global", "credential.helper", "store")
    with ExitStack() as stack:
        servers, lines = [], []
        for user, password, line in LOGINS[written]:
            served = tmp_path / f"served-{user}"
            served.mkdir()
            servers.append(stack.enter_context(git_server(served, user, password)))
            place = servers[-1].url.removeprefix("http://")
            place = place.replace(":", "%3a") if written == "by git" else place
            lines.append(line.replace("SECRET", password).replace("PLACE", place))
        text = "".join(f"{line}\n" for line in lines)
        said = move(project, ".git-credentials", text)
        commands = re.findall(r"`(git config --global .*?)`", said, re.DOTALL)
        assert len(commands) == len(servers)
        for command in commands:
            assert started(project, "/bin/sh", "-c", command.replace("\n", " ")).returncode == 0
        for server in servers:
            done = started(project, "git", "ls-remote", f"{server.url}/project.git")
            assert (done.returncode, done.stderr) == (0, "")
            assert set(server.logins) == {f"{server.user}:{server.password}"}
    assert_no_value_in_files(project, project.folder)
    assert_no_value_in_files(project, project.folder, PASSWORD)
    assert restore(project, ".git-credentials") == text


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        pytest.param("docker", ".docker/config.json", marks=needs("docker")),
        pytest.param("skopeo", ".docker/config.json", marks=needs("skopeo")),
        pytest.param("skopeo", ".config/containers/auth.json", marks=needs("skopeo")),
    ],
)
def test_a_client_of_registries_gets_the_password(
    project: Shell, tmp_path: Path, tool: str, name: str
) -> None:
    with image_registry(TOKEN, tmp_path) as server:
        auth = base64.b64encode(f"alice:{TOKEN}".encode()).decode()
        text = json.dumps(
            {"auths": {server.place: {"auth": auth}, "old.example.com": {}}, "credsStore": "none"},
            indent="\t",
        )
        move(project, name, text)
        path = home(project) / name
        folder = {"FOLDER": str(path.parent), "FILE": path.name, "IMAGE": str(tmp_path / "image")}
        command = filled_in(PULLS[tool], PLACE=server.place, **folder)
        done = started(project, *command, DOCKER_CONFIG="")
        assert done.returncode == 0, done.stderr
        assert basic(TOKEN) in server.sent
    assert set(resolved(project)) == {f"docker:https://{server.place}"}
    assert_no_value_in_files(project, project.folder)
    assert restore(project, name) == text


@needs("cargo")
def test_cargo_sends_the_token_to_crates_io(project: Shell, tmp_path: Path) -> None:
    text = f'[registry]\ntoken = "{TOKEN}"\n'
    move(project, ".cargo/credentials.toml", text)
    rustup = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    with crates_io(tmp_path) as server:
        done = started(project, "cargo", "owner", "--list", "a", RUSTUP_HOME=rustup, **server.variables)
    assert server.sent == [TOKEN], done.stderr
    assert_no_value_in_files(project, project.folder)
    assert restore(project, ".cargo/credentials.toml") == text


@pytest.mark.parametrize("file", ["config.toml", "credentials.toml"])
@needs("cargo")
def test_cargo_sends_the_token_to_its_own_registry_alone(project: Shell, file: str) -> None:
    """The URL of the registry is beside its token, or beside the file with it."""
    rustup = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    with cargo_registry() as server, cargo_registry() as other:
        text = f'[registries.mine]\nindex = "sparse+{server.url}/index/"\n'
        if file != "config.toml":
            home(project).joinpath(".cargo").mkdir()
            home(project).joinpath(".cargo/config.toml").write_text(text)
            text = "[registries.mine]\n"
        text = f'{text}token = "{TOKEN}"\n'
        move(project, f".cargo/{file}", text)
        search = ["cargo", "search", "--registry", "mine", "x"]
        done = started(project, *search, RUSTUP_HOME=rustup)
        assert done.returncode == 0, done.stderr
        assert TOKEN in server.sent
        # A project's own configuration goes before that of the home folder.
        project.folder.joinpath(".cargo").mkdir()
        project.folder.joinpath(".cargo/config.toml").write_text(
            f'[registries.mine]\nindex = "sparse+{other.url}/index/"\n'
        )
        assert started(project, *search, RUSTUP_HOME=rustup).returncode != 0
        assert other.sent
        assert TOKEN not in other.sent
    assert_no_value_in_files(project, project.folder)
    assert restore(project, f".cargo/{file}") == text


@needs("poetry")
def test_poetry_gets_the_password_in_any_project_with_the_source(project: Shell, tmp_path: Path) -> None:
    with package_index(TOKEN) as server:
        own = home(project) / ".config" / "pypoetry"
        own.mkdir(parents=True)
        (own / "config.toml").write_text(f'[repositories.mine]\nurl = "{server.url}/simple"\n')
        text = f'[http-basic.mine]\nusername = "alice"\npassword = "{TOKEN}"\n'
        move(project, ".config/pypoetry/auth.toml", text)
        (project.folder / "pyproject.toml").write_text(
            '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["demo"]\n'
            f'[[tool.poetry.source]]\nname = "mine"\nurl = "{server.url}/simple"\n'
        )
        done = started(
            project,
            "poetry",
            "--no-interaction",
            "lock",
            POETRY_CACHE_DIR=str(tmp_path / "cache"),
            NO_PROXY="127.0.0.1",
        )
        assert done.returncode == 0, done.stderr
        assert resolved(project)
    assert_no_value_in_files(project, project.folder)
    assert restore(project, ".config/pypoetry/auth.toml") == text


@needs("npm")
def test_npm_gets_the_variable_of_each_registry_of_its_file(project: Shell) -> None:
    with npm_registry(TOKEN) as server:
        text = (
            f"@acme:registry={server.url}/\n//{server.place}/:_authToken={TOKEN}\n"
            f"//other.example.com/:_authToken={tokens.npm('other')}\n//old.example.com/:username=alice\n"
            f"//old.example.com/:_password={base64.b64encode(PASSWORD.encode()).decode()}\n"
        )
        move(project, ".npmrc", text)
        view = ("tokenward", "run", "--", "npm", "view", "--registry", f"{server.url}/", "demo", "version")
        done = started(project.at(home(project)), *view)
    assert done.stdout == "1.0.0\n", done.stderr
    assert_no_value_in_files(project, project.folder)
    assert restore(project, ".npmrc") == text


LEFT = {
    ".docker/config.json": json.dumps(
        {"auths": {"example.com": {"auth": base64.b64encode(f"alice:{TOKEN}".encode()).decode()}}},
        indent="\t",
    ),
    ".git-credentials": f"https://alice:{TOKEN}@git.example.com\n",
    ".cargo/credentials.toml": f'[registry]\ntoken = "{TOKEN}"\n',
}


@pytest.mark.parametrize("name", LEFT)
def test_leave_restores_the_file_and_ends_the_record(project: Shell, name: str) -> None:
    move(project, name, LEFT[name])
    own = project.at((home(project) / name).parent)
    assert own("credential", "list").out
    done = own("leave", "--yes")
    assert (home(project) / name).read_text() == LEFT[name], done.text + done.err
    assert own("credential", "list").out == b"", done.text + done.err
