"""A program's own settings are read as the library in its code reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from rewriting.moving import filled, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import Language, language_of
from tokenward.rewriting.readers.own_settings import LIBRARIES, own_settings
from tokenward.rewriting.readers.project import Project
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.sources.project import project_code

VIPER = 'viper.SetConfigName("config")\nviper.AutomaticEnv()\n'
NESTED = 'viper.SetEnvKeyReplacer(strings.NewReplacer("-", "_", ".", "_"))\n'
CONFIG_RS = 'File::with_name("config/default")).add_source(Environment::with_prefix("app")'
FIGMENT = 'Toml::file("App.toml")).merge(Env::prefixed("APP_")'
KOANF = """k.Load(file.Provider("config.yaml"), yaml.Parser())
k.Load(env.Provider("SHOP_", ".", func(s string) string {
	return strings.Replace(strings.ToLower(strings.TrimPrefix(s, "SHOP_")), "_", ".", -1)
}), nil)
"""


class Case(NamedTuple):
    """A file of settings, the code beside it, and the file after a move, with the library's name for the variable."""

    library: str
    code: str
    path: str
    text: str
    moved: str
    variable: str = ""
    after: str = ""


CASES = (
    Case("Viper", VIPER, "config.yaml", "api_key: T0K\n", "api_key: set by API_KEY\n", "API_KEY"),
    Case(
        "Viper with SHOP_",
        f'{VIPER}{NESTED}viper.SetEnvPrefix("shop")',
        "config.yaml",
        "db:\n  pass_word: T0K\n",
        "db:\n  pass_word: set by SHOP_DB_PASS_WORD\n",
        "SHOP_DB_PASS_WORD",
    ),
    Case(
        "koanf with SHOP_",
        KOANF,
        "config.yaml",
        "db:\n  key: T0K\n",
        "db:\n  key: set by SHOP_DB_KEY\n",
        "SHOP_DB_KEY",
    ),
    Case(
        "os.ExpandEnv",
        'data, _ := os.ReadFile("etc/app.yaml")\nyaml.Unmarshal([]byte(os.ExpandEnv(string(data))), &c)',
        "etc/app.yaml",
        "url: a://b:T0K@c\n",
        "url: a://b:${API_KEY}@c\n",
    ),
    Case(
        "config-rs with APP__",
        f'{CONFIG_RS}.separator("__")',
        "config/default.toml",
        '[db]\npass_word = "T0K"\n',
        '[db]\npass_word = "set by APP__DB__PASS_WORD"\n',
        "APP__DB__PASS_WORD",
    ),
    Case(
        "config-rs with APP_",
        f'{CONFIG_RS}.prefix_separator("_").separator("__")',
        "config/default.yaml",
        "db: {key: T0K}\n",
        "db: {key: set by APP_DB__KEY}\n",
        "APP_DB__KEY",
    ),
    Case(
        "config-rs with APP_",
        CONFIG_RS,
        "config/default.json",
        '{"key": "T0K"}\n',
        '{"key": "set by APP_KEY"}\n',
        "APP_KEY",
    ),
    Case(
        "Figment with APP_",
        f'{FIGMENT}.split("_"))',
        "App.toml",
        '[db]\nkey = "T0K"\n',
        '[db]\nkey = "set by APP_DB_KEY"\n',
        "APP_DB_KEY",
    ),
    Case("OmegaConf", "OmegaConf.load('config.yaml')", "config.yaml", "a: xT0K\n", "a: x${oc.env:API_KEY}\n"),
    Case(
        "Dynaconf",
        'Dynaconf(settings_files=["settings.yaml"])',
        "settings.yaml",
        "a: T0K\n",
        'a: "@format {env[API_KEY]}"\n',
    ),
    Case("EnvYAML", 'EnvYAML("conf/a.yaml")', "conf/a.yaml", "a: T0K\n", "a: ${API_KEY}\n"),
    Case(
        "os.path.expandvars",
        'path = Path("settings.json")\njson.loads(os.path.expandvars(path.read_text()))',
        "settings.json",
        '{"a": "T0K"}\n',
        '{"a": "${API_KEY}"}\n',
    ),
    Case(
        "python-decouple",
        "from decouple import config\n",
        "settings.ini",
        "[settings]\nKEY=T0K\n",
        "[settings]\nKEY=set by KEY\n",
        "KEY",
    ),
    Case(
        "node-config",
        "import config from 'config';",
        "config/default.json",
        '{"mail": {"apiKey": "T0K"}}\n',
        '{"mail": {"apiKey": "set by MAIL_API_KEY"}}\n',
        "MAIL_API_KEY",
        "custom-environment-variables",
    ),
    Case(
        "cleanenv",
        'cleanenv.ReadConfig("config.yml", &c)\ntype C struct {\n\tP string `yaml:"password" env:"DB_PASSWORD"`\n}',
        "config.yml",
        "db:\n  password: T0K\n",
        "db:\n  password: set by DB_PASSWORD\n",
        "DB_PASSWORD",
    ),
    Case(
        "convict",
        "convict({db: {password: {default: '', env: 'DB_PASSWORD'}}}).loadFile('./config/' + env + '.json')",
        "config/production.json",
        '{"db": {"password": "T0K"}}\n',
        '{"db": {"password": "set by DB_PASSWORD"}}\n',
        "DB_PASSWORD",
    ),
    Case(
        "parse_ini_file",
        "parse_ini_file('config.ini', true)",
        "config.ini",
        '[db]\npassword = "T0K"\n',
        '[db]\npassword = "${API_KEY}"\n',
    ),
    Case(
        "ERB",
        'YAML.load(ERB.new(File.read("settings.yml")).result)',
        "settings.yml",
        "a: T0K\n",
        "a: <%= ENV.fetch('API_KEY') %>\n",
    ),
    Case(
        "Dropwizard",
        'new EnvironmentVariableSubstitutor(false)\nrun("server", "config.yml")',
        "config.yml",
        "database:\n  password: T0K\n",
        "database:\n  password: ${API_KEY}\n",
    ),
)
SUFFIX = {library.name: library.suffixes[0] for library in LIBRARIES}


def language_with(code: str, suffix: str, path: str, text: str) -> Language:
    def read(suffixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        assert suffix in suffixes
        yield f"/w/main{suffix}", code

    language = language_of(f"/w/{path}", None, text, Project(lambda: False, read))
    assert language is not None
    return language


def test_every_library_has_a_case() -> None:
    assert {case.library.partition(" with ")[0] for case in CASES} == set(SUFFIX)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.library}: {case.path}")
def test_a_token_is_replaced_by_what_the_library_looks_up_and_restored_byte_for_byte(case: Case) -> None:
    text, suffix = filled(case.text), SUFFIX[case.library.partition(" with ")[0]]
    language = language_with(case.code, suffix, case.path, text)
    assert language.reader is not None
    assert language.reader.name == case.library
    assert (language.read(text).variable(spans_of(text)[0]) or "") == case.variable
    reference = Reference("acme", case.variable or "API_KEY")
    rewrite = plan_rewrite(text, language, spans_of(text), reference)
    assert case.after in rewrite.after
    assert bool(case.after) is bool(rewrite.after)
    moved = apply_edits(text, rewrite.edits)
    assert moved == case.moved
    for undo in (rewrite.undo, ()):
        back = plan_restore(moved, language, undo, reference, rewrite.value)
        assert apply_edits(moved, back) == text or not undo


@pytest.mark.parametrize(
    ("code", "suffix", "path", "text"),
    [
        (VIPER, ".go", "config.yaml", "db:\n  key: T0K\n"),
        (VIPER, ".go", "config.yaml", "a-b: T0K\n"),
        (f'{CONFIG_RS}.separator("_")', ".rs", "config/default.toml", 'api_key = "T0K"\n'),
        ("cleanenv.ReadConfig('config.yml')", ".go", "config.yml", "key: T0K\n"),
        ("parse_ini_file('config.ini')", ".php", "config.ini", "key = 'T0K'\n"),
        (f'{VIPER}viper.SetEnvPrefix("ld")', ".go", "config.yaml", "preload: T0K\n"),
    ],
)
def test_a_token_stays_where_the_library_finds_no_variable(
    code: str, suffix: str, path: str, text: str
) -> None:
    text = filled(text)
    language, span = language_with(code, suffix, path, text), spans_of(text)[0]
    with pytest.raises(RewriteRefused):
        _ = language.read(text).extent(span), language.read(text).variable(span)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (VIPER, "other.yaml"),
        (VIPER.replace('"config"', '"server"'), "config.yaml"),
        (VIPER.replace("AutomaticEnv", "ReadInConfig"), "config.yaml"),
    ],
)
def test_code_that_does_not_read_the_file_from_variables_says_nothing(code: str, path: str) -> None:
    assert language_with(code, ".go", path, "a: b\n").reader is None


def test_the_code_of_the_project_is_found_whatever_else_is_there(tmp_path: Path) -> None:
    for name in ("go.mod", "main.go", "cmd/root.go", "vendor/a.go", ".git/b.go", "config/dev.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    outside = tmp_path.parent / f"{tmp_path.name}.go"
    outside.write_text("outside")
    (tmp_path / "big.go").write_bytes(b"\xff" * 200_000)
    if hasattr(os, "mkfifo"):
        (tmp_path / "link.go").symlink_to(outside)
        (tmp_path / "loop").symlink_to(tmp_path)
        os.mkfifo(tmp_path / "pipe.go")
    found = dict(project_code(tmp_path / "config" / "dev.yaml", (".go", ".rs")))
    assert {Path(name).name for name in found} == {"big.go", "main.go", "root.go"}
    assert len(found[str(tmp_path / "big.go")]) == 100_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "repeated", "found"),
    [
        ("a.rb", "ERB.new(", False),
        ("a.py", "expandvars(", False),
        ("a.go", 'cleanenv.ReadConfig( json:"a" ', True),
        ("a.go", 'env.Provider("", ".", func ToLower( Replace("_", ', True),
    ],
)
def test_hostile_code_is_read_in_linear_time(name: str, repeated: str, found: bool) -> None:
    """In quadratic time, so many files would take longer than a test may."""
    text = f'"config" {repeated * (100_000 // len(repeated))}'
    for _ in range(100):
        assert bool(own_settings("config.yaml", lambda _: [(name, text)])) is found
