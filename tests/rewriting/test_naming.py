from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import LANGUAGE, filled, spans_of
from tokenward.rewriting.naming import MAX_LENGTH, assigned_name, environment_name


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("python", 'github_token = "T0K"', "GITHUB_TOKEN"),
        ("python", 'self.apiKey = "a T0K"', "API_KEY"),
        ("python", 'config["api-key"] = "T0K"', "API_KEY"),
        ("python", 'f(auth_token=f"T0K")', "AUTH_TOKEN"),
        ("python", 'x = {"db.password": "T0K"}', "DB_PASSWORD"),
        ("python", 'def f(token: str = "T0K"): ...', "TOKEN"),
        ("python", 'api_keys = ["T0K"]', "API_KEYS"),
        ("python", 'if (ghToken := "T0K"): ...', "GH_TOKEN"),
        ("javascript", 'const apiKey = "T0K"', "API_KEY"),
        ("javascript", 'this.authToken = "T0K"', "AUTH_TOKEN"),
        ("javascript", 'f({"x-api-key": `T0K`})', "X_API_KEY"),
        ("javascript", 'class A { #secretKey = "T0K" }', "SECRET_KEY"),
        ("typescript", 'class A { constructor(private apiKey = "T0K") {} }', "API_KEY"),
        ("tsx", 'k = <Map apiKey="T0K"/>', "API_KEY"),
        ("shell", "export GH_TOKEN='T0K'", "GH_TOKEN"),
        ("shell", "curl --api-key=T0K", "API_KEY"),
        ("json", '{"a": {"apiKey": ["T0K"]}}', "API_KEY"),
        ("yaml", "a:\n  deploy-key: T0K", "DEPLOY_KEY"),
        ("yaml", "- GH_TOKEN=T0K", "GH_TOKEN"),
        ("toml", 'a.deployKey = "T0K"', "DEPLOY_KEY"),
        ("ini", "[a]\ngh.token: T0K", "TOKEN"),
        ("properties", "spring.mail.password T0K", "PASSWORD"),
        ("dotenv", "export NPM_TOKEN='T0K'", "NPM_TOKEN"),
        ("python", 'u = "https://h/?access_token=T0K"', "ACCESS_TOKEN"),
        ("yaml", "command: run --requirepass T0K --x", "REQUIREPASS"),
        ("json", '{"args": ["--api-key",\n  "T0K"]}', "API_KEY"),
        ("dotenv", "DATABASE_URL=postgres:" + "//app:T0K@h/d", "DATABASE_PASSWORD"),
        ("dotenv", "REDIS=redis:" + "//:T0K@h", "REDIS"),
        ("python", 'database_url = "postgres:' + '//app:T0K@h/d"', "DATABASE_PASSWORD"),
    ],
)
def test_a_token_is_called_after_what_it_is_assigned_to(language: str, text: str, name: str) -> None:
    text = filled(text)
    assert assigned_name(text, LANGUAGE[language], spans_of(text)[0]) == name


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", 'client = Client("T0K")'),
        ("python", 'x = "T0K"'),
        ("python", 'value = "T0K"'),
        ("python", 'def f():\n  return "T0K"'),
        ("python", '%%bash\nfoo "T0K"'),
        ("javascript", 'const client = new Client("T0K")'),
        ("json", '["T0K"]'),
        ("json", '{"command": "run T0K"}'),
        ("shell", "curl T0K"),
        ("dotenv", "PATH=T0K"),
        ("dotenv", "# T0K"),
    ],
)
def test_a_place_that_says_nothing_gives_no_name(language: str, text: str) -> None:
    text = filled(text)
    assert assigned_name(text, LANGUAGE[language], spans_of(text)[0]) is None


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
