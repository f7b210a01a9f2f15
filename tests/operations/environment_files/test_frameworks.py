"""Which environment files are read, in what order, and that a program with files of its own sees the same as before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk import Desk
from tokenward.errors import SettingsError
from tokenward.operations.environment_files.find_files import FRAMEWORKS, Framework, find_files
from tokenward.operations.run.environment import EnvironmentRequest, environment_for
from tokenward.operations.use import Purpose, Use
from tokenward.settings import Settings

ALL = [".env", ".env.local"] + [
    f".env.{mode}{local}"
    for mode in ("dev", "development", "prod", "production", "test", "testing")
    for local in ("", ".local")
]
SIGNS: dict[str, dict[str, str]] = {
    "Laravel": {"artisan": "", "vite.config.js": ""},
    "Symfony": {"composer.json": '{"require": {"symfony/framework-bundle": "7"}}'},
    "Rails with dotenv": {"config/application.rb": "", "Gemfile": "gem 'dotenv-rails'\n"},
    "Next.js": {"next.config.mjs": "", "vite.config.ts": ""},
    "Create React App": {"package.json": '{"dependencies": {"react-scripts": "5"}}'},
    "dotenv-flow": {"package.json": '{"devDependencies": {"dotenv-flow": "4"}}'},
    "Vite": {"vite.config.ts": ""},
}
DEVELOPMENT = [".env", ".env.development", ".env.development.local"]
PRODUCTION = [".env", ".env.production", ".env.production.local"]
SCRIPTS = {
    "build": "tsc && next build",
    "start": "react-scripts start",
    "ci": "npm run build",
    "loop": "npm run loop",
}
# The framework, what names the mode, and the files that are read, the weakest first, as the framework's manual says.
ROWS: list[tuple[str, dict[str, str], str, list[str]]] = [
    ("Laravel", {}, "php artisan serve", [".env"]),
    ("Laravel", {"APP_ENV": "production"}, "php x.php", [".env.production"]),
    ("Laravel", {}, "php artisan test", [".env.testing"]),
    ("Laravel", {}, "php artisan migrate --env=dev", [".env.dev"]),
    ("Laravel", {"APP_ENV": "absent"}, "php x.php", [".env"]),
    ("Symfony", {}, "symfony serve", [".env", ".env.local", ".env.dev", ".env.dev.local"]),
    ("Symfony", {"APP_ENV": "prod"}, "php x", [".env", ".env.local", ".env.prod", ".env.prod.local"]),
    ("Symfony", {}, "bin/phpunit", [".env", ".env.test", ".env.test.local"]),
    (
        "Rails with dotenv",
        {},
        "bin/rails server",
        [".env", ".env.development", ".env.local", ".env.development.local"],
    ),
    (
        "Rails with dotenv",
        {"RAILS_ENV": "production"},
        "puma",
        [".env", ".env.production", ".env.local", ".env.production.local"],
    ),
    ("Rails with dotenv", {}, "bundle exec rspec", [".env", ".env.test", ".env.test.local"]),
    ("Next.js", {}, "next dev", [".env", ".env.development", ".env.local", ".env.development.local"]),
    (
        "Next.js",
        {"NODE_ENV": "development"},
        "npx next build",
        [".env", ".env.production", ".env.local", ".env.production.local"],
    ),
    ("Next.js", {}, "npm run ci", [".env", ".env.production", ".env.local", ".env.production.local"]),
    ("Next.js", {"NODE_ENV": "test"}, "jest", [".env", ".env.test", ".env.test.local"]),
    ("Next.js", {}, "npm run loop", [".env", ".env.development", ".env.local", ".env.development.local"]),
    (
        "Next.js",
        {},
        "sh -c 'NODE_ENV=production node x'",
        [".env", ".env.production", ".env.local", ".env.production.local"],
    ),
    (
        "Create React App",
        {"NODE_ENV": "production"},
        "npm start",
        [".env", ".env.development", ".env.local", ".env.development.local"],
    ),
    ("Create React App", {}, "react-scripts test", [".env", ".env.test", ".env.test.local"]),
    ("dotenv-flow", {}, "node x", [".env", ".env.local"]),
    (
        "dotenv-flow",
        {"NODE_ENV": "production"},
        "node x",
        [".env", ".env.local", ".env.production", ".env.production.local"],
    ),
    ("dotenv-flow", {"NODE_ENV": "test"}, "node x", [".env", ".env.test", ".env.test.local"]),
    ("Vite", {}, "vite", [".env", ".env.local", ".env.development", ".env.development.local"]),
    (
        "Vite",
        {},
        "vite build",
        [".env", ".env.local", ".env.production", ".env.production.local"],
    ),
    ("Vite", {}, "vite build --mode dev", [".env", ".env.local", ".env.dev", ".env.dev.local"]),
    ("Vite", {}, "npx vitest run", [".env", ".env.local", ".env.test", ".env.test.local"]),
    ("other", {"NODE_ENV": "production"}, "node x", [".env"]),
]


def project(folder: Path, framework: str, files: Mapping[str, str]) -> Path:
    for name, text in {**SIGNS.get(framework, {}), **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    package = folder / "package.json"
    known = json.loads(package.read_text()) if package.exists() else {}
    package.write_text(json.dumps({**known, "scripts": SCRIPTS}))
    return folder


@pytest.mark.parametrize(("framework", "environment", "command", "names"), ROWS)
def test_each_frameworks_files_are_read_in_its_order(
    tmp_path: Path, framework: str, environment: dict[str, str], command: str, names: list[str]
) -> None:
    folder = project(tmp_path.resolve(), framework, dict.fromkeys(ALL, "A=1\n"))
    found = find_files(Settings(), folder, folder, command.split(), environment)
    assert [path.name for path in found.read] == names


def test_each_framework_is_known_by_each_of_its_signs(tmp_path: Path) -> None:
    for number, framework in enumerate(FRAMEWORKS):
        for sign in (*framework.signs, *framework.packages):
            folder = tmp_path.resolve() / f"{number}-{len(sign)}{sign[:3]}"
            files = {".env": "", "Gemfile": "gem 'dotenv'\n", **SIGNS.get(framework.name, {})}
            if sign in framework.packages:
                files["package.json"] = json.dumps({"dependencies": {sign: "1"}})
            else:
                files.setdefault(sign.replace("*", "js"), "")
            assert find_files(Settings(), project(folder, "", files), folder).framework == framework


def test_rails_without_dotenv_reads_no_files_of_its_own(tmp_path: Path) -> None:
    folder = project(tmp_path.resolve(), "Rails with dotenv", {".env": "", ".env.local": "", "Gemfile": ""})
    found = find_files(Settings(), folder, folder)
    assert ([path.name for path in found.read], [path.name for path in found.unread]) == (
        [".env"],
        [".env.local"],
    )


@pytest.mark.parametrize(
    ("code", "command", "names"),
    [
        ("ConfigModule.forRoot({ envFilePath: '.env.development' })", "node x", DEVELOPMENT),
        ("config({ path: `.env.${process.env.NODE_ENV}` })", "node x", DEVELOPMENT),
        ("config({ path: '.env.' + mode })", "NODE_ENV=production node x", PRODUCTION),
        ("load('.env.production') or load('.env.development')", "node x", DEVELOPMENT),
        ("load('.env.production')", "node x", [".env"]),
        ("load('.env.production')", "NODE_ENV=production node x", PRODUCTION),
        ("load(['.env.local', '.env'])", "node x", [".env", ".env.local"]),
        ("load('.env.local')", "docker compose up", [".env"]),
        ("load('.env.absent', '.env.example')", "node x", [".env"]),
    ],
)
def test_the_files_that_the_code_names_are_read(
    tmp_path: Path, code: str, command: str, names: list[str]
) -> None:
    folder = project(tmp_path.resolve(), "other", dict.fromkeys(ALL, "A=1\n") | {"app.js": code})
    assert [path.name for path in find_files(Settings(), folder, folder, command.split()).read] == names


@pytest.mark.parametrize(
    ("files", "mode"),
    [
        ({".env": "APP_ENV=prod\n"}, "prod"),
        ({".env": "APP_ENV=prod\n", ".env.local": "APP_ENV=test\n"}, "test"),
    ],
)
def test_symfonys_mode_may_be_in_its_files(tmp_path: Path, files: dict[str, str], mode: str) -> None:
    folder = project(tmp_path.resolve(), "Symfony", files)
    assert find_files(Settings(), folder, folder).mode == mode


def test_the_nearest_folder_with_files_counts_and_never_one_above_the_root(tmp_path: Path) -> None:
    top = tmp_path.resolve()
    (top / ".env").write_text("A=0\n")
    root = project(
        top / "root", "", {".env": "A=1\n", "packages/api/.env": "A=2\n", "packages/api/src/x": ""}
    )
    api = root / "packages" / "api"
    assert find_files(Settings(), root, api / "src").read == (api / ".env",)
    assert find_files(Settings(), root, root / "packages").read == (root / ".env",)
    assert find_files(Settings(), root, top).read == (root / ".env",)
    (root / ".env").unlink()
    assert find_files(Settings(), root, root / "packages").read == (root / ".env",)


def test_a_file_that_the_settings_name_is_the_only_one(tmp_path: Path) -> None:
    folder = project(tmp_path.resolve(), "Next.js", dict.fromkeys(ALL, "A=1\n"))
    found = find_files(Settings(env_file="config/dev.env"), folder, folder / "src")
    assert (found.read, found.unread) == ((folder / "config" / "dev.env",), ())


def test_no_file_is_read_through_a_link_out_of_the_workspace(tmp_path: Path) -> None:
    folder = project(tmp_path.resolve() / "root", "Next.js", {})
    (tmp_path / "outside").write_text("A=1\n")
    (folder / ".env.local").symlink_to(tmp_path / "outside")
    with pytest.raises(SettingsError, match="leads out"):
        find_files(Settings(), folder, folder)


@pytest.mark.parametrize("text", ["[", "[]", '{"dependencies": []}', '{"scripts": {"x": 1}}', "[" * 100_000])
def test_a_package_file_that_is_none_says_nothing(tmp_path: Path, text: str) -> None:
    folder = tmp_path.resolve()
    (folder / "package.json").write_text(text)
    (folder / ".env").write_text("A=1\n")
    assert find_files(Settings(), folder, folder, ["npm", "run", "x"]).read == (folder / ".env",)


def seen(
    framework: Framework, folder: Path, mode: str, environment: Mapping[str, str]
) -> dict[str, str | None]:
    """Return what a program of the framework gets for some variables: its environment, then the strongest file."""
    there = [name for name in framework.file_names(mode) if (folder / name).exists()]
    values: dict[str, str] = {}
    for name in there[-1:] if framework.replaces else there:
        values |= dict(line.split("=") for line in (folder / name).read_text().splitlines())
    return {name: environment.get(name, values.get(name)) for name in "AB"}


assignments = st.dictionaries(st.sampled_from("AB"), st.sampled_from(["1", "2", "a$x"]), max_size=2)
FEW = [
    ".env",
    ".env.local",
    ".env.dev",
    ".env.development",
    ".env.production",
    ".env.test",
    ".env.test.local",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    framework=st.sampled_from(FRAMEWORKS),
    files=st.fixed_dictionaries(
        {".env": st.just({"A": "1"}) | assignments}, optional=dict.fromkeys(FEW[1:], assignments)
    ),
    base=assignments,
    mode=st.sampled_from(["development", "production", "test", "dev"]),
    is_told=st.booleans(),
)
def test_a_plain_value_stays_what_the_framework_itself_would_read(
    desk: Desk,
    tmp_path_factory: pytest.TempPathFactory,
    framework: Framework,
    files: dict[str, dict[str, str]],
    base: dict[str, str],
    mode: str,
    is_told: bool,
) -> None:
    """Whatever mode the program is really in, and whether or not Tokenward knows it."""
    texts = {
        name: "".join(f"{key}={value}\n" for key, value in values.items()) for name, values in files.items()
    }
    folder = project(tmp_path_factory.mktemp("project").resolve(), framework.name, texts)
    told = {framework.variables[0]: mode} if is_told else {}
    found = find_files(Settings(), folder, folder, ["x"], told)
    request = EnvironmentRequest(found)
    if found.framework != framework:  # there is no file
        return
    environment = environment_for(desk.context, folder, request, base, Use.own(Purpose.RUN))
    assert seen(framework, folder, mode, environment.variables) == seen(framework, folder, mode, base)


def test_the_file_is_read_in_a_folder_of_many_names(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is listed in no order, so the names that are read from it may be any."""
    monkeypatch.setattr("tokenward.operations.environment_files.find_files.MOST_ENTRIES", 0)
    path = desk.folder / ".env"
    path.write_text("A=1\n")
    assert find_files(Settings(), desk.folder, desk.folder).family == (path,)
    (desk.folder / "package.json").write_text('{"dependencies": {"next": "15"}}')
    assert find_files(Settings(), desk.folder, desk.folder).framework.name == "Next.js"


def test_the_nearest_file_is_found_in_a_workspace_that_is_opened_through_a_link(
    desk: Desk, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(desk.folder)
    (desk.folder / "api").mkdir()
    (desk.folder / "api/.env").write_text("A=1\n")
    for start in (desk.folder, link):
        assert find_files(Settings(), link, start / "api").read == (link / "api/.env",)
