"""Tokens issued to a development environment."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

from collections.abc import Iterator

from corpora.draw import Draw
from corpora.kinds import BEARERS, Kind, prefixed, samples_of
from corpora.sample import Sample, mark


def _routable(draw: Draw) -> str:
    body = draw.url_safe(draw.number(27, 60))
    return f"glpat-{body}.{draw.lower(2)}.{draw.lower(9)}"


def _gitlab_instance(draw: Draw) -> str:
    return f"{draw.word()}-glpat-{draw.url_safe(20)}"


def _fly_bundle(draw: Draw) -> str:
    first = mark("fm2_" + draw.base64(120) + ",fm2_" + draw.base64(90))
    return f"FlyV1 {first}"


def _azure_devops(draw: Draw) -> str:
    return draw.alphanumeric(76) + "AZDO" + draw.alphanumeric(4)


def _youtrack(draw: Draw, separator: str) -> str:
    name = draw.base64(6).rstrip("=").replace("/", "a").replace("+", "b")
    scope = draw.base64(9).rstrip("=").replace("/", "a").replace("+", "b")
    return f"perm{separator}{name}.{scope}.{draw.alphanumeric(30)}"


def _claude_oauth(draw: Draw) -> str:
    return f"sk-ant-{draw.one(['oat01', 'ort01'])}-{draw.url_safe(93)}AA"


def _app_installation(draw: Draw) -> str:
    return f"ghs_{draw.digits(7)}_{draw.jwt(iss=draw.digits(7), exp=1_790_000_000)}"


def _gitlab_kind(draw: Draw) -> str:
    kind = draw.one(["gldt", "glrt", "glptt", "glft", "glimt", "glsoat"])
    return f"{kind}-{draw.url_safe(20)}"


JUPYTER = (
    ("jupyter.log", "[I 2026-03-01 10:00:01 ServerApp] http://localhost:8888/lab?token={v}\n"),
    ("jupyter.log", "    Or copy and paste one of these URLs:\n        http://127.0.0.1:8888/?token={v}\n"),
    (".env", "JUPYTER_TOKEN={v}\nPORT=8888\n"),
    ("start.sh", "jupyter lab --no-browser --IdentityProvider.token={v} --port 8888\n"),
    ("start.sh", "jupyter notebook --NotebookApp.token='{v}' --ip=0.0.0.0\n"),
    (
        "terminal.txt",
        "$ jupyter server list\nCurrently running servers:\nhttp://localhost:8888/?token={v} :: /home/ada/work\n",
    ),
    ("docker-compose.yml", "services:\n  lab:\n    environment:\n      JUPYTER_TOKEN: {v}\n"),
    ("jupyter_server_config.py", "c.IdentityProvider.token = '{v}'\n"),
    ("README.md", "Open http://workbench.example.com:8888/tree?token={v} in a browser.\n"),
)
VSCODE_SERVER = (
    ("serve.log", "Web UI available at http://localhost:8000/?tkn={v}\n"),
    ("start.sh", "code serve-web --host 0.0.0.0 --connection-token {v}\n"),
    ("start.sh", "openvscode-server --port 3000 --connection-token={v}\n"),
    ("proxy.log", "GET / HTTP/1.1\nHost: localhost:8000\nCookie: vscode-tkn={v}; theme=dark\n"),
    ("README.md", "Then open http://127.0.0.1:8000/?folder=/workspace&tkn={v} and wait.\n"),
)
CODE_SERVER = (
    (
        ".config/code-server/config.yaml",
        "bind-addr: 127.0.0.1:8080\nauth: password\npassword: {v}\ncert: false\n",
    ),
    ("home/.config/code-server/config.yaml", "password: {v}\nauth: password\ncert: false\n"),
)
CODE_SERVER_HASH = (
    (
        ".config/code-server/config.yaml",
        "bind-addr: 127.0.0.1:8080\nauth: password\nhashed-password: {v}\ncert: false\n",
    ),
    (".config/code-server/config.yaml", 'auth: password\nhashed-password: "{v}"\n'),
)
CODER = (
    ("run.sh", "curl -H 'Coder-Session-Token: {v}' https://{host}/api/v2/users/me\n"),
    ("requests.http", "GET https://{host}/api/v2/workspaces\nCoder-Session-Token: {v}\n"),
    ("client.py", 'headers = {{"Coder-Session-Token": "{v}"}}\n'),
    ("agent.log", "2026-03-01 10:00 [debu] env CODER_AGENT_TOKEN={v}\n"),
    ("login.sh", "coder login https://{host} --token {v}\n"),
)
CODECATALYST = (
    (".git-credentials", "https://ada:{v}@git.us-west-2.codecatalyst.aws\n"),
    ("clone.sh", "git clone https://ada:{v}@git.eu-west-1.codecatalyst.aws/v1/acme/shop/api\n"),
    (
        ".gitmodules",
        '[submodule "api"]\n\turl = https://ada:{v}@git.us-west-2.codecatalyst.aws/v1/acme/shop/api\n',
    ),
)
AZURE_OLD = (
    (".env", "AZURE_DEVOPS_PAT={v}\n"),
    (".env", "AZURE_DEVOPS_EXT_PAT={v}\n"),
    (
        "azure.sh",
        'export SYSTEM_ACCESSTOKEN="{v}"\ncurl -u ":$SYSTEM_ACCESSTOKEN" https://dev.azure.com/acme/_apis/projects\n',
    ),
    ("clone.sh", "git clone https://acme:{v}@dev.azure.com/acme/shop/_git/api\n"),
    ("push.sh", "git push https://{v}@dev.azure.com/acme/shop/_git/api main\n"),
)
OPENSHIFT = (
    ("login.sh", "oc login --token={v} --server=https://{host}:6443\n"),
    (".kube/config", "users:\n- name: ada/api\n  user:\n    token: {v}\n"),
)


def workspace(seed: int) -> Iterator[Sample]:
    """Yield about 250 samples, with every kind that the engine's catalog lacked or cut short."""
    token = ("access", "token")
    kinds = (
        Kind("GitHub app installation", _app_installation, [("github", "token"), ("gh", "token")], BEARERS),
        *(
            Kind(f"GitHub {prefix}", lambda draw, prefix=prefix: draw.checked(prefix), [("github", "token"), token], BEARERS)  # type: ignore[misc]
            for prefix in ("ghp_", "gho_", "ghu_", "ghr_", "ghs_")
        ),
        Kind("Codespaces", lambda draw: draw.checked("ghu_"), [("github", "codespace", "token"), ("github", "token")]),
        Kind("GitLab routable", _routable, [("gitlab", "token"), token, ("ci", "token")], BEARERS),
        Kind("GitLab instance prefix", _gitlab_instance, [("gitlab", "token"), ("private", "token")], BEARERS),
        Kind("GitLab kinds", _gitlab_kind, [("gitlab", "token"), ("runner", "token"), ("deploy", "token")], times=2),
        Kind("GitLab runner t", lambda draw: f"glrt-t{draw.digits(1)}_{draw.url_safe(20)}", [("runner", "token")]),
        Kind("GitLab runner registration", prefixed("glrtr-", 20, "url_safe"), [("registration", "token")]),
        Kind("GitLab CI build", lambda draw: f"glcbt-{draw.hex(2)}_{draw.url_safe(20)}", [("ci", "job", "token")]),
        Kind("GitLab agent", prefixed("glagent-", 50, "url_safe"), [("agent", "token")]),
        Kind("GitLab OAuth", lambda draw: f"gloas-{draw.hex(64)}", [("oauth", "secret")]),
        Kind("GitLab feature flags", prefixed("glffct-", 20, "url_safe"), [("unleash", "token")]),
        Kind("GitLab workspace", prefixed("glwt-", 20, "url_safe"), [("gl", "workspace", "token"), token], BEARERS, times=2),
        Kind("Gitpod", lambda draw: f"gitpod_pat_{draw.url_safe(43)}.{draw.alphanumeric(40)}", [("gitpod", "token")], BEARERS),
        Kind("Coder", lambda draw: f"{draw.alphanumeric(10)}-{draw.alphanumeric(22)}",
             [("coder", "session", "token"), ("coder", "agent", "token")], CODER, times=2),
        Kind("YouTrack perm:", lambda draw: _youtrack(draw, ":"), [("youtrack", "token"), token], BEARERS),
        Kind("YouTrack perm-", lambda draw: _youtrack(draw, "-"), [("youtrack", "token"), ("hub", "token")], BEARERS),
        Kind("Azure DevOps", _azure_devops, [("azure", "devops", "pat"), ("pat",)], AZURE_OLD),
        Kind("Azure DevOps old", lambda draw: draw.of("abcdefghijklmnopqrstuvwxyz234567", 52), [], AZURE_OLD, ()),
        Kind("Daytona", prefixed("dtn_", 64, "hex"), [("daytona", "api", "key")], BEARERS),
        Kind("CodeSandbox", prefixed("csb_v1_", 43, "url_safe"), [("csb", "api", "key")], BEARERS),
        Kind("Google OAuth", lambda draw: f"ya29.{draw.url_safe(draw.one([60, 140, 200]))}", [token, ("gcp", "token")], BEARERS),
        Kind("CodeCatalyst", lambda draw: f"{draw.alphanumeric(36)}", [], CODECATALYST, ()),
        Kind("OpenShift", prefixed("sha256~", 43, "url_safe"), [("openshift", "token"), ("oc", "token")], (*BEARERS, *OPENSHIFT)),
        Kind("Jupyter", lambda draw: draw.hex(48), [], JUPYTER, (), times=2),
        Kind("VS Code server", lambda draw: draw.one([draw.uuid(), draw.url_safe(20)]), [], VSCODE_SERVER, (), times=2),
        Kind("code-server", lambda draw: draw.hex(24), [], CODE_SERVER, ()),
        Kind("code-server hash", _argon2, [], CODE_SERVER_HASH, ()),
        Kind("Claude OAuth", _claude_oauth, [("claude", "code", "oauth", "token")], BEARERS),
        Kind("Anthropic", lambda draw: f"sk-ant-api03-{draw.url_safe(93)}AA", [("anthropic", "api", "key")]),
        Kind("Anthropic admin", lambda draw: f"sk-ant-admin01-{draw.url_safe(93)}AA", [("anthropic", "admin", "key")]),
        Kind("Cursor key_", prefixed("key_", 64, "hex"), [("cursor", "api", "key")], BEARERS),
        Kind("Cursor crsr_", prefixed("crsr_", 64, "hex"), [("cursor", "api", "key")], BEARERS),
        Kind("Linear OAuth", prefixed("lin_oauth_", 64, "hex"), [("linear", "token"), token], BEARERS),
        Kind("npm", lambda draw: draw.checked("npm_"), [("npm", "token"), ("node", "auth", "token")]),
        Kind("Fly bundle", _fly_bundle, [("fly", "api", "token")], times=2),
        Kind("Fly macaroon", lambda draw: f"{draw.one(['fm1r_', 'fm1a_'])}{draw.base64(90)}", [("fly", "api", "token")]),
        Kind("Fly fo1", prefixed("fo1_", 43, "url_safe"), [("fly", "access", "token")], BEARERS),
        Kind("Netlify", lambda draw: f"{draw.one(['nfp_', 'nfc_', 'nfo_', 'nfu_', 'nfb_'])}{draw.alphanumeric(36)}",
             [("netlify", "auth", "token")], BEARERS),
    )  # fmt: skip
    yield from samples_of("workspace", kinds, seed, 6)
    yield from _aws_temporary(seed)


def _argon2(draw: Draw) -> str:
    salt, key = draw.base64(12).rstrip("="), draw.base64(32).rstrip("=")
    return f"$argon2i$v=19$m=4096,t=3,p=1${salt}${key}"


def _aws_temporary(seed: int) -> Iterator[Sample]:
    from corpora.cloud import aws_triple  # noqa: PLC0415 - cloud has the formats of AWS

    yield from (aws_triple("workspace", Draw("aws temporary", seed, n), n) for n in range(6))
