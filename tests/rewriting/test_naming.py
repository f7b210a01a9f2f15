from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import LANGUAGE, filled, spans_of
from tokenward.rewriting.naming import MAX_LENGTH, environment_name, keys_at, name_choices
from tokenward.token_prefixes import is_token_name

GITHUB, PASSWORD = "GITHUB_TOKEN", "PASSWORD"


def choices(language: str, text: str, provider: str, file: str = "") -> tuple[str, ...]:
    text = filled(text)
    return name_choices(keys_at(text, LANGUAGE[language], spans_of(text)[0]), file, provider)


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("python", 'github_token = "T0K"', "GITHUB_TOKEN"),
        ("python", 'self.deployKey = "a T0K"', "DEPLOY_KEY"),
        ("python", 'config["deploy-key"] = "T0K"', "DEPLOY_KEY"),
        ("python", 'f(deploy_token=f"T0K")', "DEPLOY_TOKEN"),
        ("python", 'x = {"db.password": "T0K"}', "DB_PASSWORD"),
        ("python", 'def f(token: str = "T0K"): ...', "GITHUB_TOKEN"),
        ("python", 'deploy_keys = ["T0K"]', "DEPLOY_KEYS"),
        ("python", 'if (ghToken := "T0K"): ...', "GH_TOKEN"),
        ("javascript", 'const deployKey = "T0K"', "DEPLOY_KEY"),
        ("javascript", 'const kDeployKey = "T0K"', "DEPLOY_KEY"),
        ("javascript", 'this.deployToken = "T0K"', "DEPLOY_TOKEN"),
        ("javascript", 'f({"x-deploy-key": `T0K`})', "X_DEPLOY_KEY"),
        ("javascript", 'class A { #secretKey = "T0K" }', "SECRET_KEY"),
        ("typescript", 'class A { constructor(private deployKey = "T0K") {} }', "DEPLOY_KEY"),
        ("tsx", 'k = <Map deployKey="T0K"/>', "DEPLOY_KEY"),
        ("shell", "export GH_TOKEN='T0K'", "GH_TOKEN"),
        ("shell", "curl --deploy-key=T0K", "DEPLOY_KEY"),
        ("json", '{"a": {"deployKey": ["T0K"]}}', "DEPLOY_KEY"),
        ("yaml", "a:\n  deploy-key: T0K", "DEPLOY_KEY"),
        ("yaml", "- GH_TOKEN=T0K", "GH_TOKEN"),
        ("toml", 'a.deployKey = "T0K"', "DEPLOY_KEY"),
        ("ini", "[a]\ngh.token: T0K", "GH_TOKEN"),
        ("dotenv", "export NPM_TOKEN='T0K'", "NPM_TOKEN"),
        ("python", 'u = "https://h/?deploy_token=T0K"', "DEPLOY_TOKEN"),
        ("yaml", "command: run --deploy-pass T0K --x", "DEPLOY_PASS"),
        ("json", '{"args": ["--deploy-key",\n  "T0K"]}', "DEPLOY_KEY"),
    ],
)
def test_a_token_is_called_after_the_key_that_says_whose_it_is(language: str, text: str, name: str) -> None:
    assert choices(language, text, GITHUB)[0] == name


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("properties", "spring.mail.password T0K", "SPRING_MAIL_PASSWORD"),
        ("yaml", "services:\n  redis:\n    command: run --requirepass T0K --x", "REDIS_REQUIREPASS"),
        ("yaml", "database:\n  password: T0K", "DATABASE_PASSWORD"),
        ("yaml", "services:\n  db:\n    environment:\n      password: T0K", "DB_PASSWORD"),
        ("json", '{"stripe": {"config": {"key": "T0K"}}}', "STRIPE_KEY"),
        ("toml", '[mail]\nauth = "T0K"', "MAIL_AUTH"),
        ("yaml", "spring:\n  datasource:\n    url: postgres:" + "//app:T0K@h/d", "SPRING_DATASOURCE_PASSWORD"),
        ("dotenv", "DATABASE_URL=postgres:" + "//app:T0K@h/d", "DATABASE_PASSWORD"),
        ("python", 'database_url = "postgres:' + '//app:T0K@h/d"', "DATABASE_PASSWORD"),
        ("yaml", "github.com:\n  token: T0K", "GITHUB_TOKEN"),
        ("yaml", "k8s:\n  oauth2Token: T0K", "OAUTH2_TOKEN"),
        ("yaml", "K8S:\n  token: T0K", "K8S_TOKEN"),
        ("python", 'api_key = "T0K"', "API_KEY"),
        ("python", 'broker = "amqp:' + '//app:T0K@h"', "RABBITMQ_PASSWORD"),
        ("go", 'package a\nvar DSN = "postgres:' + '//app:T0K@h/d"', "DATABASE_PASSWORD"),
        ("shell", 'mongodump --uri "mongodb+srv:' + '//app:T0K@h"', "MONGODB_PASSWORD"),
        ("dotenv", "VITE_MAPS=T0K", "VITE_MAPS_PASSWORD"),
    ],
)  # fmt: skip
def test_a_key_that_says_nothing_takes_those_above_it(language: str, text: str, name: str) -> None:
    assert choices(language, text, PASSWORD)[0] == name


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", 'client = Client("T0K")'),
        ("python", 'x = "T0K"'),
        ("python", 'value = "T0K"'),
        ("python", 'token = "T0K"'),
        ("python", 'api_key = "T0K"'),
        ("javascript", 'f({"x-api-key": "T0K"})'),
        ("ini", "//npm.example.com/:_authToken=T0K"),
        ("python", 'gh = "T0K"'),
        ("python", 'def f():\n  return "T0K"'),
        ("python", '%%bash\nfoo "T0K"'),
        ("javascript", 'const client = new Client("T0K")'),
        ("json", '["T0K"]'),
        ("json", '{"permissions": {"allow": ["run T0K"]}}'),
        ("json", '{"servers": {"x": {"headers": {"Authorization": "Bearer T0K"}}}}'),
        ("yaml", "hosts:\n  github.com: T0K"),
        ("yaml", "environment:\n  - T0K"),
        ("shell", "curl T0K"),
        ("shell", "curl --long T0K"),
        ("dotenv", "PATH=T0K"),
        ("dotenv", "# T0K"),
    ],
)
def test_a_place_that_says_nothing_gives_the_providers_name(language: str, text: str) -> None:
    assert choices(language, text, GITHUB)[0] == GITHUB


@pytest.mark.parametrize("key", ["DATABASE_URL", "MONGO_URI", "CLOUDINARY_URL"])
def test_a_password_in_an_address_is_never_called_like_the_address(key: str) -> None:
    found = choices("dotenv", f"{key}=x:" + "//app:T0K@h/d", "DATABASE_URL", "a.env")
    assert found[0] == f"{key.rpartition('_')[0]}_PASSWORD"
    assert not [name for name in found if name.endswith(("_URL", "_URI"))]


def test_a_clash_is_settled_by_the_provider_then_the_path_then_the_file() -> None:
    text = "stripe:\n  live:\n    api_key: T0K"
    found = choices("yaml", text, "STRIPE_SECRET_KEY", "deploy/payments.yml")
    assert found == (
        "STRIPE_SECRET_KEY",
        "LIVE_API_KEY",
        "STRIPE_LIVE_API_KEY",
        "API_KEY",
        "PAYMENTS_API_KEY",
        "DEPLOY_API_KEY",
    )
    assert choices("python", 'password = "T0K"', PASSWORD, "src/db.py") == (
        "PASSWORD",
        "DB_PASSWORD",
        "SRC_PASSWORD",
    )
    assert choices("python", 'password = "T0K"', PASSWORD, "app.py") == ("PASSWORD", "APP_PASSWORD")


words = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["password", "token", "env", "spring", "github.com", "PATH", "allow", "config", "value", "key", "URL"]
)


@given(keys=st.lists(words, max_size=8), file=words, provider=st.sampled_from([GITHUB, PASSWORD, "SECRET"]))
def test_every_choice_is_a_safe_name_and_no_two_are_the_same(
    keys: list[str], file: str, provider: str
) -> None:
    found = name_choices(keys, file, provider)
    assert len(set(found)) == len(found) > 0
    for name in found:
        assert environment_name(name) == name
        assert len(name) <= MAX_LENGTH
        assert name not in {"ALLOW", "CONFIG", "ENVIRONMENT", "LONG", "PATH", "GITHUB_COM"}


@given(
    keys=st.lists(st.sampled_from(["spring", "mail", "api", "env", "db"]), max_size=6),
    last=st.sampled_from(["password", "token", "secret"]),
)
def test_a_weak_key_is_never_alone_where_a_key_above_it_says_something(keys: list[str], last: str) -> None:
    first = name_choices([*keys, last], "", PASSWORD)[0]
    telling = [key.upper() for key in keys if key != "env"]
    assert first == "_".join([*telling, last.upper()])
    assert is_token_name(first)


@pytest.mark.parametrize(
    "name",
    ["LD_PRELOAD", "path", "PYTHONSTARTUP", "nodeOptions", "BASH_ENV", "git_ssh_command", "HTTPS_PROXY", "IFS",
     "PYTHON_KEYRING_BACKEND", "DYLD_INSERT_LIBRARIES", "home", "java_tool_options", "key", "1st", "_", "éè"],
)  # fmt: skip
def test_a_name_that_could_do_harm_or_says_nothing_is_none(name: str) -> None:
    assert environment_name(name) is None


@pytest.mark.parametrize(
    "name", ["GITHUB_PAT", "GIT_TOKEN", "NODE_AUTH_TOKEN", "TOKEN", "HOMEBREW_TOKEN", "RUBYGEMS_API_KEY"]
)
def test_a_usual_name_is_kept(name: str) -> None:
    assert environment_name(name) == name


@given(st.text(max_size=200))
def test_every_name_is_one_that_an_environment_takes(words: str) -> None:
    name = environment_name(words)
    if name is not None:
        assert name.isascii()
        assert name.isidentifier()
        assert name.upper() == name
        assert len(name) <= MAX_LENGTH
