"""Formats that hold a named value, each with the surrounding lines of a real file.

A carrier takes a name in words and a marked value, and returns a path and a text. It varies quotes,
spaces, spelling and position. No value may need an escape.
"""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

from corpora.carriers_code import code, javascript, notebook, python, typescript
from corpora.carrying import Carrier, around, quote
from corpora.draw import Draw
from corpora.naming import DATA, Words, camel, dotted, kebab, pascal, snake, spelled, upper_snake

_ENV = ["NODE_ENV=production", "PORT=8080", "# local settings", "# für die Entwicklung", "LOG_LEVEL=debug", "DEBUG=1", "", "HOST=127.0.0.1",
        "DATABASE_HOST=db.internal", "FEATURE_FLAGS=search,upload", "TZ=Europe/Berlin"]  # fmt: skip
_YAML = [
    "version: 2",
    "debug: false",
    "region: eu-central-1",
    "# set by the team",
    "# チームの設定",
    "replicas: 3",
    "log_level: info",
]
_TOML = ["debug = false", 'region = "eu-central-1"', "retries = 3", "# defaults", 'name = "acme"']
_SH = [
    "set -euo pipefail",
    'cd "$(dirname "$0")"',
    "echo starting",
    "",
    "make build",
    "# deploy",
    "export LANG=C.UTF-8",
]


def dotenv(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    written = draw.one(["{}", '"{}"', "'{}'"]).format(value)
    line = draw.one(["{}={}", "export {}={}", "{}={}", "{} = {}"]).format(upper_snake(name), written)
    line += draw.one(["", "", "", "  # rotate in spring"])
    path = draw.one(
        [".env", ".env.local", ".env.production", "app.env", "services/api/.env", ".envrc", ".dev.vars"]
    )
    return path, around(draw, line, _ENV)


def dotenv_comment(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    return ".env.development", around(draw, f"#{draw.one(['', ' '])}{upper_snake(name)}={value}", _ENV)


def shell(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    written = draw.one(["{}", '"{}"', "'{}'"]).format(value)
    upper = upper_snake(name)
    line = draw.one([f"export {upper}={written}", f"{upper}={written}", f"readonly {upper}={written}",
                     f"{upper}={written} ./run.sh --fast", f'{upper}="${{{upper}:-{value}}}"',
                     f"docker run -e {upper}={written} acme/api:2", f"# {upper}={written}",
                     f"./deploy --{kebab(name)} {written}", f"./deploy --{kebab(name)}={written} --yes"])  # fmt: skip
    return draw.one(["deploy.sh", "scripts/start.sh", ".bashrc", ".zsh_history"]), around(draw, line, _SH)


def other_shells(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    upper = upper_snake(name)
    path, line = draw.one([
        ("run.ps1", f'$env:{upper} = "{value}"'),
        ("run.ps1", f"${pascal(name)} = '{value}'"),
        ("run.bat", f"set {upper}={value}"),
        ("run.cmd", f'set "{upper}={value}"'),
        ("config.fish", f"set -gx {upper} {value}"),
        (".cshrc", f"setenv {upper} {value}"),
        ("Makefile", f"{upper} := {value}"),
        ("Makefile", f"{upper} = {value}"),
        ("acme.service", f"Environment={upper}={value}"),
        ("acme.service", f'Environment="{upper}={value}"'),
    ])  # fmt: skip
    return path, around(draw, line, ["", "# build", ""], 2)


def docker(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    upper = upper_snake(name)
    line = draw.one([f"ENV {upper}={value}", f"ENV {upper} {value}", f"ARG {upper}={value}", f'ENV {upper}="{value}"',
                     f"RUN {upper}={value} make install"])  # fmt: skip
    return draw.one(
        ["Dockerfile", "docker/api.Dockerfile"]
    ), f"FROM python:3.12-slim\nWORKDIR /app\n{line}\nCOPY . .\n"


def compose(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    upper = upper_snake(name)
    line = draw.one([f"      - {upper}={value}", f'      - "{upper}={value}"'])
    if draw.chance(0.5):
        line = f"      {upper}: {draw.one(['{}', chr(34) + '{}' + chr(34)]).format(value)}"
    text = f"services:\n  api:\n    image: acme/api:2\n    environment:\n{line}\n    ports: ['80:80']\n"
    return draw.one(["docker-compose.yml", "compose.yaml"]), text


def pipeline(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    upper = upper_snake(name)
    return draw.one([
        (".github/workflows/ci.yml", f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    env:\n      {upper}: {value}\n    steps:\n      - uses: actions/checkout@v4\n"),
        (".gitlab-ci.yml", f'variables:\n  {upper}: "{value}"\nbuild:\n  script:\n    - make\n'),
        (".circleci/config.yml", f"version: 2.1\njobs:\n  build:\n    environment:\n      {upper}: {value}\n"),
        ("azure-pipelines.yml", f"variables:\n- name: {camel(name)}\n  value: '{value}'\nsteps:\n- script: make\n"),
    ])  # fmt: skip


def kubernetes(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    written = draw.one(["{}", '"{}"', "'{}'"]).format(value)
    pair = draw.one([f"            - name: {upper_snake(name)}\n              value: {written}",
                     f"            - value: {written}\n              name: {upper_snake(name)}"])  # fmt: skip
    deployment = ("apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"
                  f"        - name: api\n          env:\n{pair}\n          image: acme/api\n")  # fmt: skip
    secret = ("apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\ntype: Opaque\nstringData:\n"
              f"  {spelled(draw, name, DATA)}: {written}\n")  # fmt: skip
    return draw.one([("k8s/deployment.yaml", deployment), ("k8s/secret.yaml", secret)])


def yaml(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    written = draw.one(["{}", '"{}"', "'{}'"]).format(value)
    key = spelled(draw, name, DATA)
    line = draw.one([f"{key}: {written}", f"api:\n  url: https://api.example.com\n  {key}: {written}", f"# {key}: {written}",
                     f"users:\n  - name: ada\n    {key}: {written}", f'"{key}": {written}', f"{key}:   {written}",
                     f"{{{key}: {written}, retries: 3}}"])  # fmt: skip
    return draw.one(["config.yaml", "values.yml", "group_vars/all.yml", "application.yml"]), around(
        draw, line, _YAML, 3
    )


def json(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    key = spelled(draw, name, (*DATA, pascal))
    text = draw.one([
        f'{{\n  "name": "acme",\n  "{key}": "{value}",\n  "debug": false\n}}\n',
        f'{{"service":{{"url":"https://api.example.com","{key}":"{value}"}}}}',
        f'{{\n\t"env" : {{\n\t\t"{upper_snake(name)}" : "{value}"\n\t}}\n}}\n',
    ])  # fmt: skip
    return draw.one(["config.json", "appsettings.json", "settings.local.json", "package.json"]), text


def toml(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    line = f"{spelled(draw, name, DATA)} = {quote(draw, value)}"
    return draw.one(["config.toml", "pyproject.toml", ".streamlit/secrets.toml"]), around(
        draw, f"[service]\n{line}", _TOML, 3
    )


def ini(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    line = draw.one([f"{snake(name)} = {value}", f"{kebab(name)}={value}", f"{snake(name)}: {value}"])
    path = draw.one(["setup.cfg", "app.ini", "alembic.ini", "server.conf"])
    return path, f"[main]\ndebug = no\n{line}\nlevel = info\n"


def properties(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    line = draw.one([f"{dotted(('acme', *name))}={value}", f"{camel(name)}={value}", f"acme.{kebab(name)} = {value}",
                     f"{dotted(name)}: {value}"])  # fmt: skip
    path = draw.one(["application.properties", "gradle.properties", "local.properties"])
    return path, f"server.port=8080\n{line}\nlogging.level=INFO\n"


def xml(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    return draw.one([
        ("web.config", f'<configuration>\n  <appSettings>\n    <add key="{pascal(name)}" value="{value}" />\n  </appSettings>\n</configuration>\n'),
        ("res/values/strings.xml", f'<resources>\n  <string name="{snake(name)}">{value}</string>\n</resources>\n'),
        ("config.xml", f"<config>\n  <{camel(name)}>{value}</{camel(name)}>\n</config>\n"),
        ("Info.plist", f"<plist><dict>\n<key>{pascal(name)}</key>\n<string>{value}</string>\n</dict></plist>\n"),
    ])  # fmt: skip


def terraform(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    return draw.one([
        ("prod.tfvars", f'region = "eu-central-1"\n{snake(name)} = "{value}"\n'),
        ("main.tf", f'variable "{snake(name)}" {{\n  type    = string\n  default = "{value}"\n}}\n'),
        ("main.tf", f'provider "acme" {{\n  {snake(name)} = "{value}"\n  region = "eu"\n}}\n'),
    ])  # fmt: skip


def log(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    stamp = f"2026-0{draw.number(1, 9)}-1{draw.number(0, 9)}T08:{draw.number(10, 59)}:01Z"
    line = draw.one([
        f"{stamp} DEBUG environment: {upper_snake(name)}={value}",
        f'{{"time":"{stamp}","level":"debug","msg":"config","{snake(name)}":"{value}"}}',
        f"{stamp} INFO  Config({camel(name)}={value}, retries=3)",
        f"{stamp} ERROR [worker-3] request failed: {snake(name)}: '{value}'",
    ])  # fmt: skip
    return draw.one(["app.log", "logs/server.log", "build.log"]), around(
        draw, line, [f"{stamp} INFO ready", f"{stamp} WARN slow"]
    )


def markdown(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    line = draw.one([f"```sh\nexport {upper_snake(name)}={value}\n```", f"- {' '.join(name)}: `{value}`",
                     f"| {upper_snake(name)} | `{value}` |", f"    {upper_snake(name)}={value}"])  # fmt: skip
    return draw.one(
        ["README.md", "docs/runbook.md", "notes.txt"]
    ), f"# How to deploy\n\nSet this first:\n\n{line}\n\nThen run it.\n"


def editor(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    upper = upper_snake(name)
    return draw.one([
        (".vscode/launch.json", f'{{\n  "configurations": [{{"type": "node", "env": {{"{upper}": "{value}"}}}}]\n}}\n'),
        (".devcontainer/devcontainer.json", f'{{\n  "image": "ubuntu",\n  "containerEnv": {{ "{upper}": "{value}" }}\n}}\n'),
        (".vscode/settings.json", f'{{\n  "terminal.integrated.env.linux": {{\n    "{upper}": "{value}"\n  }}\n}}\n'),
        (".idea/workspace.xml", f'<envs>\n  <env name="{upper}" value="{value}" />\n</envs>\n'),
    ])  # fmt: skip


def transcript(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    said = draw.one([f"set {upper_snake(name)}={value} and try again", f"export {upper_snake(name)}='{value}'",
                     f"here is the {' '.join(name)}: {value}"])  # fmt: skip
    line = f'{{"type":"user","uuid":"{draw.uuid()}","message":{{"role":"user","content":"{said}"}}}}'
    return draw.one([".claude/projects/acme/1.jsonl", ".codex/sessions/2026/rollout-1.jsonl"]), around(
        draw, line, ["{}"], 2
    )


CARRIERS: tuple[Carrier, ...] = (
    dotenv, dotenv_comment, python, notebook, javascript, typescript, code, shell, other_shells, docker, compose, pipeline,
    kubernetes, yaml, json, toml, ini, properties, xml, terraform, log, markdown, editor, transcript,
)  # fmt: skip
