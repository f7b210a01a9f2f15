"""Tools that ask a credential helper, each with a server on this machine that counts the logins with the token."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from asking_server import asking_server
from cargo_registry import cargo_registry
from certificates import new_certificate
from cli_shell import TOKENWARD, Shell
from credential_checks import filled_in, home
from git_server import GIT, git_server
from hostile import REFERENCE, TOKEN
from image_registry import PULLS, image_registry
from npm_registry import npm_registry
from package_index import WHEEL, basic, package_index, wheel

KEYRING = Path(TOKENWARD).with_name("keyring")
# `aws` and `cargo` may be stand-ins, which look for the program in the home folder.
_STAND_INS = {
    "PYENV_ROOT": os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv")),
    "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
}


@dataclass(frozen=True)
class RealTool:
    """A tool that is set up for a server.

    Attributes:
        command: returns the command for the folder of a shell, and an empty folder.
        logins: returns the number of logins with the token.
        asked: what the ledger has of the tool.
        record: the URL of the record and its options; empty if the tool's configuration names the token.
        variables: of the tool.
        purpose: of the use in the ledger.
        shows_why: the tool shows what its helper says.
    """

    command: Callable[[Path, Path], list[str]]
    logins: Callable[[], int]
    asked: str
    record: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    purpose: str = "credential"
    shows_why: bool = True


SetUp = Callable[[Shell, Path], AbstractContextManager[RealTool]]


@contextmanager
def _git(owner: Shell, place: Path) -> Iterator[RealTool]:
    with git_server(place, "alice", TOKEN) as server:
        section = f'[credential "{server.url}"]\n\thelper =\n\thelper = tokenward\n'
        home(owner).joinpath(".gitconfig").write_text(section)
        yield RealTool(
            lambda *_: ["git", "ls-remote", f"{server.url}/project.git"],
            lambda: server.logins.count(f"alice:{TOKEN}"),
            f"git:{server.url}",
            (server.url, "--user", "alice"),
            GIT,
        )


def _image_client(tool: str) -> SetUp:
    @contextmanager
    def set_up(_: Shell, place: Path) -> Iterator[RealTool]:
        with image_registry(TOKEN, place) as server:
            place.joinpath("config.json").write_text(json.dumps({"credHelpers": {server.place: "tokenward"}}))
            folder = {"FOLDER": str(place), "FILE": "config.json", "PLACE": server.place}
            url = f"https://{server.place}"
            yield RealTool(
                lambda _, empty: filled_in(PULLS[tool], IMAGE=str(empty), **folder),
                lambda: server.sent.count(basic(TOKEN)),
                f"docker:{url}",
                (url, "--user", "alice"),
                # skopeo tells by its exit code alone, and docker by nothing but the lack of a login.
                shows_why=False,
            )

    return set_up


@contextmanager
def _aws(_: Shell, place: Path) -> Iterator[RealTool]:
    config, key = place / "config", "ABCDEFGH1234"
    config.write_text(
        f"[default]\nregion = eu-west-1\ncredential_process = tokenward credential aws {key} {REFERENCE}\n"
    )
    result = "<GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
    pages = {"/": ("text/xml", f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>")}
    with asking_server(lambda _: pages, lambda sent: f"Credential={key}/" in sent) as server:
        yield RealTool(
            lambda *_: ["aws", "sts", "get-caller-identity", "--endpoint-url", server.url],
            lambda: len(server.sent),
            "aws",
            variables={"AWS_CONFIG_FILE": str(config), "AWS_EC2_METADATA_DISABLED": "true", **_STAND_INS},
        )


@contextmanager
def _cargo(_: Shell, place: Path) -> Iterator[RealTool]:
    with cargo_registry() as server:
        index = f"sparse+{server.url}/index/"
        place.joinpath("config.toml").write_text(
            f'[registries.mine]\nindex = "{index}"\ncredential-provider = "cargo-credential-tokenward"\n'
        )
        yield RealTool(
            lambda *_: ["cargo", "search", "--registry", "mine", "x"],
            lambda: server.sent.count(TOKEN),
            f"cargo:{index.removesuffix('/')}",
            (index,),
            {"CARGO_HOME": str(place), **_STAND_INS},
        )


@contextmanager
def _kubectl(_: Shell, place: Path) -> Iterator[RealTool]:
    # It sends no token without TLS.
    certificate, config = place / "server.pem", place / "config"
    certificate.write_bytes(new_certificate("localhost"))
    pages = {"/version": ("application/json", "{}")}
    with asking_server(lambda _: pages, lambda sent: sent == f"Bearer {TOKEN}", certificate) as server:
        config.write_text(
            "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"
            f"clusters: [{{name: a, cluster: {{server: 'https://{server.place}', insecure-skip-tls-verify: true}}}}]\n"
            "users:\n- name: a\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: tokenward, "
            f"args: [credential, kubectl, '{REFERENCE}'], interactiveMode: IfAvailable}}\n"
        )
        yield RealTool(
            lambda *_: ["kubectl", "get", "--raw", "/version"],
            lambda: server.sent.count(f"Bearer {TOKEN}"),
            "kubectl",
            variables={"KUBECONFIG": str(config)},
        )


@contextmanager
def _npm(_: Shell, __: Path) -> Iterator[RealTool]:
    with npm_registry(TOKEN) as server:

        def command(folder: Path, _: Path) -> list[str]:
            folder.joinpath(".npmrc").write_text(
                f"registry={server.url}/\n//{server.place}/:_authToken=${{GITHUB_TOKEN}}\n"
            )
            folder.joinpath(".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
            options = ["--no-audit", "--no-fund", "--no-package-lock", "--fetch-retries=0"]
            return [TOKENWARD, "run", "--", "npm", "install", *options, "demo"]

        yield RealTool(command, lambda: server.sent.count(f"Bearer {TOKEN}"), "npm install", purpose="run")


@contextmanager
def _pnpm(owner: Shell, place: Path) -> Iterator[RealTool]:
    with npm_registry(TOKEN) as server:
        helper = owner.at(home(owner)).write_script(
            "bin/acme-npm-token", f"#!/bin/sh\nprintf 'Bearer %s' \"$(tokenward get {REFERENCE})\"\n"
        )
        home(owner).joinpath(".npmrc").write_text(
            f"registry={server.url}/\n//{server.place}/:tokenHelper={helper}\n"
        )

        def command(folder: Path, empty: Path) -> list[str]:
            folder.joinpath("package.json").write_text('{"name": "a", "version": "1.0.0"}')
            return ["pnpm", "add", "--store-dir", str(empty), "demo"]

        yield RealTool(
            command,
            lambda: server.sent.count(f"Bearer {TOKEN}"),
            "",
            variables={"PNPM_HOME": str(place), "CI": "1", "npm_config_fetch_retries": "0"},
            purpose="get",
            shows_why=False,
        )


def _index_client(
    command: Callable[[str, Path], list[str]], path: str = "simple", *, shows_why: bool = True
) -> SetUp:
    @contextmanager
    def set_up(owner: Shell, place: Path) -> Iterator[RealTool]:
        # `keyring` is on PATH where it is no program of pip's own environment.
        place.joinpath("keyring").symlink_to(KEYRING)
        variables = {
            "PATH": f"{place}{os.pathsep}{owner.environment['PATH']}",
            "PIP_CONFIG_FILE": os.devnull,
            "POETRY_CACHE_DIR": str(place / "cache"),
        }
        with package_index(TOKEN) as server:
            url = f"{server.url}/{path}"
            yield RealTool(
                lambda _, empty: command(server.url, empty),
                lambda: server.sent.count(basic(TOKEN)),
                f"keyring:{url}",
                (url, "--user", "alice"),
                variables,
                shows_why=shows_why,
            )

    return set_up


def with_user(url: str) -> str:
    """Return an index's URL with its user, without whom uv and older pips ask for no password."""
    return f"{url.replace('//', '//alice@')}/simple/"


def pip(provider: str) -> Callable[[str, Path], list[str]]:
    options = ["--no-cache-dir", "--disable-pip-version-check", "--no-input", "--keyring-provider", provider]
    return lambda url, place: [
        *[sys.executable, "-m", "pip", "install", *options, "--retries", "0"],
        *["--target", str(place / "installed"), "--index-url", with_user(url), "demo"],
    ]


def uv(url: str, place: Path) -> list[str]:
    options = ["--no-cache", "--no-config", "--python", sys.executable]
    return [
        *[sys.executable, "-m", "uv", "pip", "install", *options],
        *["--keyring-provider", "subprocess", "--default-index", with_user(url)],
        *["--target", str(place / "installed"), "demo"],
    ]


def _twine(url: str, place: Path) -> list[str]:
    place.joinpath(WHEEL).write_bytes(wheel())
    upload = ["twine", "upload", "--disable-progress-bar", "--repository-url", f"{url}/upload/"]
    return [sys.executable, "-m", *upload, "--username", "alice", str(place / WHEEL)]


def _poetry(url: str, place: Path) -> list[str]:
    place.joinpath("pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["demo"]\n'
        f'[[tool.poetry.source]]\nname = "mine"\nurl = "{url}/simple"\n'
    )
    return ["poetry", "--no-interaction", "--project", str(place), "lock"]


REAL_TOOLS: Mapping[str, SetUp] = {
    "git": _git,
    "docker": _image_client("docker"),
    "skopeo": _image_client("skopeo"),
    "aws": _aws,
    "cargo": _cargo,
    "kubectl": _kubectl,
    "npm": _npm,
    "pnpm": _pnpm,
    "pip that imports keyring": _index_client(pip("import")),
    "pip that starts keyring": _index_client(pip("subprocess"), shows_why=False),
    "uv": _index_client(uv, shows_why=False),
    "twine": _index_client(_twine, "upload"),
    "poetry": _index_client(_poetry),
}
"""Sets a tool up for a server, in a shell with the token and an empty folder."""
IN_OUR_ENVIRONMENT = {"pip that imports keyring", "pip that starts keyring", "uv", "twine"}
"""The tools that are installed beside Tokenward, and not on PATH."""
