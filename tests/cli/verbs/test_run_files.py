"""Which environment files `tokenward run` reads, where a move adds its line, and what `run` says without tokens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Reference
from tokenward.places import canonical

TOKEN = tokens.github("run files")
REFERENCE = "keyring://acme-api/TOKEN"


def files(shell: Shell, **texts: str) -> None:
    """Write files, by their names with `__` for `/`."""
    for name, text in texts.items():
        path = shell.folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def moved_to(shell: Shell, *places: str) -> None:
    """Record that a move left the reference in files, as if the token had stood there."""
    ledger = Ledger(shell.data / "ledger.db")
    for place in places:
        origin = canonical(str(shell.folder / place))
        ledger.record(Event.MOVED, reference=Reference("acme-api", "TOKEN"), origin=origin)


def next_project(shell: Shell, **texts: str) -> None:
    package = {"scripts": {"build": "next build"}, "dependencies": {"next": "16"}}
    files(shell, **{"package.json": json.dumps(package)}, **texts)


def test_a_token_in_a_frameworks_own_file_reaches_its_program(stored: Shell) -> None:
    """Of Next.js' files the last wins, what it reads itself it keeps reading, and an exported variable stays."""
    next_project(
        stored,
        **{
            ".env": "API_URL=a\nPORT=1\nSHELL_SET=file\n",
            ".env.local": f"GH=x\nTOKEN={REFERENCE}\n",
            ".env.production": f"API_URL=b\nGH={REFERENCE}\n",
            ".env.production.local": f"GH=prefix-{REFERENCE}\n",
        },
    )
    names = ("GH", "TOKEN", "API_URL", "PORT", "SHELL_SET")
    code = f"import json, os; print(json.dumps({{n: os.getenv(n) for n in {names}}}))"
    build = ("run", "--no-mask", "--", "sh", "-c", f'true next build; python3 -c "{code}"')
    done = stored(*build, SHELL_SET="exported")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.text) == {
        "GH": "prefix-the value",
        "TOKEN": "the value",
        "API_URL": "b",
        "PORT": "1",
        "SHELL_SET": "exported",
    }
    unknown = json.loads(stored("run", "--no-mask", "--", "python3", "-c", code).text)
    assert unknown == {"GH": None, "TOKEN": "the value", "API_URL": None, "PORT": "1", "SHELL_SET": "file"}


def test_a_package_reads_the_file_that_is_nearest_to_it(stored: Shell) -> None:
    files(stored, **{"packages__api__.env": f"OWN={REFERENCE}\n", "packages__api__src__x": ""})
    stored.folder.joinpath(".git").mkdir()
    for folder, above in (("packages/api", "../../.env"), ("packages/api/src", "../../../.env")):
        inside = stored.at(stored.folder / folder)
        done = inside("run", "--no-mask", "--", "printenv", "OWN")
        assert done.text == "the value\n"
        assert f" {above} holds references and was not read" in done.err
    assert (
        stored.at(stored.folder / "packages")("run", "--no-mask", "--", "printenv", "TOKEN").text
        == "the value\n"
    )


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, "has no environment file"),
        ({".env": "A=1\n"}, "because .env holds no reference"),
        ({".env": "A=1\n", ".env.local": f"A={REFERENCE}\n"}, ".env.local holds references and was not read"),
        (
            {"worker.env": f"A={REFERENCE}\n"},
            "worker.env holds references and was not read; pass `--env-file`",
        ),
        ({".env": "A=1\n", ".env.example": f"A={REFERENCE}\n"}, "because .env holds no reference"),
        (
            {"next.config.js": "", ".env.production": f"A={REFERENCE}\n"},
            "set NODE_ENV, as Next.js does, if the mode is not development.",
        ),
    ],
)
def test_a_start_without_tokens_is_not_silent(shell: Shell, texts: dict[str, str], said: str) -> None:
    files(shell, **texts)
    done = shell("run", "--", "echo", "started")
    assert (done.code, done.text) == (0, "started\n")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_start_with_tokens_says_nothing(stored: Shell) -> None:
    files(stored, **{".env.local": "A=1\n"})
    assert stored("run", "--no-mask", "--", "true").err == ""
    files(stored, **{"next.config.js": "", ".env.production": f"A={REFERENCE}\n"})
    assert stored("run", "--no-mask", "--", "true", NODE_ENV="development").err == ""


@pytest.mark.parametrize(
    ("texts", "place", "target"),
    [
        ({"next.config.js": "", ".env.local": "A=1\n"}, "app/page.py", ".env.local"),
        ({"next.config.js": "", ".env.local": "A=1\n", ".env": ""}, "app/page.py", ".env"),
        ({"next.config.js": "", ".env.production": "A=1\n"}, "app/page.py", ".env"),
        ({".env.local": "A=1\n"}, "app.py", ".env"),
        ({"packages/api/.env": "A=1\n", ".env": ""}, "packages/api/src/app.py", "packages/api/.env"),
        ({"packages/api/x": "", ".env": ""}, "packages/api/app.py", ".env"),
        ({"tokenward.toml": 'env-file = "dev.env"\n', ".env": ""}, "app.py", "dev.env"),
    ],
)
def test_a_move_adds_its_line_where_run_reads_it(
    shell: Shell, texts: dict[str, str], place: str, target: str
) -> None:
    shell.folder.joinpath(".git").mkdir()
    code = f'GH_TOKEN = "{TOKEN}"\nprint(GH_TOKEN)\n'
    files(shell, **texts, **{place: code})
    done = shell("move", place)
    assert done.code == 0, done.err
    assert "GH_TOKEN=keyring://acme-api/GH_TOKEN" in (shell.folder / target).read_text()
    path = shell.folder / place
    ran = shell.at(path.parent)("run", "--no-mask", "--", "python3", path.name)
    assert (ran.text, ran.code) == (f"{TOKEN}\n", 0), ran.err
    assert shell("restore", place).code == 0
    assert path.read_text() == code


def test_a_name_that_another_file_of_the_framework_assigns_is_not_taken(shell: Shell) -> None:
    next_project(
        shell, **{".env": "", ".env.production": "GH_TOKEN=other\n", "app.py": f'GH_TOKEN = "{TOKEN}"\n'}
    )
    assert shell("move", "app.py").code == 0
    assert (shell.folder / ".env").read_text() == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"


def test_a_workspace_without_a_mark_is_the_folder_where_the_command_was_given(shell: Shell) -> None:
    files(shell, **{"src__app.py": f'import os\nprint("{TOKEN}")\n'})
    assert shell("move", "src/app.py").code == 0
    assert (shell.folder / ".env").exists()
    assert not (shell.folder / "src" / ".env").exists()
    for folder, path in ((shell.folder, "src/app.py"), (shell.folder / "src", "app.py")):
        assert shell.at(folder)("run", "--no-mask", "--", "python3", path).text == f"{TOKEN}\n"


def test_a_home_folder_is_no_workspace_just_because_a_command_was_given_there(shell: Shell) -> None:
    home = Path(shell.environment["HOME"])
    folder = home / "project"
    folder.mkdir()
    (folder / "app.py").write_text(f'import os\nprint("{TOKEN}")\n')
    assert shell.at(home)("move", "project/app.py").code == 0
    assert (folder / ".env").exists()
    assert not (home / ".env").exists()


def test_a_token_that_env_has_under_another_name_is_read_by_that_name(shell: Shell) -> None:
    shell.write_env(f"GITHUB_TOKEN={TOKEN}")
    files(shell, **{"app.py": f'secret_key = "{TOKEN}"\nprint(secret_key)\n'})
    assert shell("move", "app.py").code == 0
    assert (shell.folder / ".env").read_text() == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
    assert shell("run", "--no-mask", "--", "python3", "app.py").text == f"{TOKEN}\n"


def test_a_fallback_keeps_its_variable_though_the_token_is_stored_under_another(shell: Shell) -> None:
    shell.put("GITHUB_TOKEN", TOKEN)
    files(shell, **{"app.py": f'import os\nprint(os.getenv("gh_token", "{TOKEN}"))\n'})
    done = shell("move", "app.py")
    assert done.code == 0, done.err
    assert (shell.folder / "app.py").read_text() == 'import os\nprint(os.environ["gh_token"])\n'
    assert shell("run", "--no-mask", "--", "python3", "app.py").text == f"{TOKEN}\n"


def test_a_script_that_uses_the_suggested_name_gets_another_one(shell: Shell) -> None:
    script = f'#!/bin/sh\nread GH_TOKEN <<X\nx\nX\ncurl() {{ echo "$2"; }}\ncurl --gh-token "{TOKEN}"\n'
    files(shell, deploy=script)
    done = shell("move", "deploy")
    assert done.code == 0, done.err
    assert '"${GITHUB_TOKEN}"' in (shell.folder / "deploy").read_text()
    assert shell("run", "--no-mask", "--", "sh", "deploy").text == f"{TOKEN}\n"


def printed(
    shell: Shell, *names: str, options: tuple[str, ...] = (), shell_set: str = ""
) -> tuple[dict[str, str], str]:
    """Return the variables that a program gets under `run`, and what `run` says on stderr."""
    code = f"import json, os; print(json.dumps({{n: os.environ[n] for n in {names} if n in os.environ}}))"
    done = shell("run", "--no-mask", *options, "--", "python3", "-c", code, SHELL_SET=shell_set)
    assert done.code == 0, done.err
    return json.loads(done.text), done.err


def test_a_program_that_starts_at_a_monorepos_root_gets_the_tokens_of_its_packages(stored: Shell) -> None:
    """Nothing that a nearer file or the shell sets changes, and of packages only values with references count."""
    files(
        stored,
        **{
            ".env": f"TOKEN={REFERENCE}\nNEAR=root\n",
            "packages__api__.env": f"API={REFERENCE}\nPLAIN=1\nNEAR={REFERENCE}\nSHELL_SET={REFERENCE}\n",
            "packages__api__.env.local": f"LOCAL={REFERENCE}\n",
            "packages__api__package.json": '{"dependencies": {"next": "16"}}',
            "packages__web__.env": f"WEB={REFERENCE}\n",
            "packages__evil__.env": f"PATH={REFERENCE}\nLD_PRELOAD={REFERENCE}\n",
        },
    )
    moved_to(
        stored, *(f"packages/{place}" for place in ("api/.env", "api/.env.local", "web/.env", "evil/.env"))
    )
    names = ("TOKEN", "NEAR", "API", "PLAIN", "SHELL_SET", "LOCAL", "WEB", "LD_PRELOAD")
    expected = {
        "TOKEN": "the value", "NEAR": "root", "API": "the value", "SHELL_SET": "shell", "LOCAL": "the value",
        "WEB": "the value",
    }  # fmt: skip
    assert printed(stored, *names, shell_set="shell") == (expected, "")
    stored.folder.joinpath(".env").unlink()
    assert printed(stored, "API", "NEAR") == ({"API": "the value", "NEAR": "the value"}, "")
    assert printed(stored, "API", "LOCAL", options=("--only", "API")) == ({"API": "the value"}, "")
    api = stored.folder / "packages/api/.env"
    for options in (("--env-file", str(stored.folder / "packages/web/.env")), ("--no-env-file",)):
        assert "API" not in printed(stored, "API", options=options)[0]
    api.write_text("API=keyring://acme-api/UNKNOWN\n")
    assert printed(stored, "API", "LOCAL") == ({"LOCAL": "the value"}, "")


def test_tokens_that_were_moved_in_nested_packages_reach_a_program_that_starts_above(stored: Shell) -> None:
    """Out of a package's environment file, or out of its code, which adds the line to the nearest one."""
    github, npm = tokens.github("nested"), tokens.npm("nested")
    files(
        stored,
        **{
            "api__.env": f"API_TOKEN={github}\n",
            "web__.env": "OWN=1\n",
            "web__src__app.py": f'NPM_TOKEN = "{npm}"\n',
        },
    )
    for place in ("api/.env", "web/src/app.py"):
        assert stored("move", place).code == 0
    assert (
        stored.folder.joinpath("web", ".env").read_text() == "OWN=1\nNPM_TOKEN=keyring://acme-api/NPM_TOKEN\n"
    )
    assert printed(stored, "API_TOKEN", "NPM_TOKEN") == ({"API_TOKEN": github, "NPM_TOKEN": npm}, "")
    assert stored("rename", "API_TOKEN", "RENAMED").code == 0
    assert printed(stored, "API_TOKEN") == ({"API_TOKEN": github}, "")


@pytest.mark.parametrize("name", ["PGHOST", "VITE_A", "NEXT_PUBLIC_B", "HTTP_PROXY", "HARMLESS"])
def test_a_nested_package_does_not_choose_the_variable_that_gets_a_token(stored: Shell, name: str) -> None:
    """A host's name goes to the name server, and a bundler publishes some variables by their names."""
    line = f"{name}={REFERENCE}\n"
    files(stored, **{"unpacked__.env": line})
    got, said = printed(stored, name)
    assert got == {}
    assert "no move on this machine left its token there" in said or name == "HTTP_PROXY"
    if name == "HARMLESS":
        # The person at the top, or in the folder, may still say so.
        assert printed(stored.at(stored.folder / "unpacked"), name)[0] == {name: "the value"}
        with stored.folder.joinpath(".env").open("a") as file:
            file.write(line)
        assert printed(stored, name) == ({name: "the value"}, "")


@pytest.mark.slow
def test_a_value_around_a_reference_below_needs_a_move_out_of_its_file(stored: Shell) -> None:
    """What was unpacked there could send a token to its own host, by whatever file of a package a move has changed."""
    address = "DATABASE_URL=postgres://app:{}@db.example.com/app\n"
    files(
        stored,
        **{
            "a__.env": address.format(secret := TOKEN[4:24]),
            "b__.env": f"DIRECT=https://example.org/{REFERENCE}\nALONE={REFERENCE}\n",
            "b__deep__.env": "EXPANDED=https://example.org/${TOKEN}\nALIAS=${TOKEN}\n",
            "c__.env": "STOLEN=https://example.org/keyring://acme-api/DATABASE_PASSWORD\n",
        },
    )
    assert stored("move", "a/.env").code == 0
    assert stored("rename", "DATABASE_PASSWORD", "RENAMED").code == 0
    with stored.folder.joinpath("a", ".env").open("a") as file:
        file.write(f"OTHERS=https://example.org/{REFERENCE}\n")
    names = ("DATABASE_URL", "DIRECT", "ALONE", "EXPANDED", "ALIAS", "STOLEN", "OTHERS")
    got, said = printed(stored, *names)
    assert got == {
        "DATABASE_URL": f"postgres://app:{secret}@db.example.com/app",
    }
    where = {"DIRECT": "b/.env", "EXPANDED": "b/deep/.env", "STOLEN": "c/.env", "OTHERS": "a/.env"}
    where |= {"ALONE": "b/.env", "ALIAS": "b/deep/.env"}
    for name, place in where.items():
        assert f"The command does not get {name} of {place}, because no move" in said
    assert len(said.splitlines()) == len(where)
    got, said = printed(stored, "DIRECT", options=("--only", "DIRECT"))
    assert (got, said.count("does not get DIRECT of b/.env")) == ({}, 1)
    stored.folder.joinpath(".env").unlink()
    for name in ("a", "b/deep", "c"):
        stored.folder.joinpath(name, ".env").write_text("")
    stored.folder.joinpath("b", ".env").write_text(f"DIRECT=https://example.org/{REFERENCE}\n")
    assert len(printed(stored, "DIRECT")[1].splitlines()) == 1
    for shell, options in ((stored.at(stored.folder / "b"), ()), (stored, ("--env-file", "b/.env"))):
        assert printed(shell, "DIRECT", options=options)[0] == {"DIRECT": "https://example.org/the value"}


def test_a_name_with_several_values_below_is_left_out_and_said(stored: Shell) -> None:
    files(
        stored,
        **{
            "a__.env": f"KEY={REFERENCE}\nSAME={REFERENCE}\nPLAIN=1\n",
            "b__.env": f"KEY=plain\nSAME={REFERENCE}\nPLAIN=2\n",
            "c__vite.config.ts": "",
            "c__.env.development": f"MODE={REFERENCE}\n",
            "c__.env.production": "MODE=other\n",
            "d__.env": f"READ_BY_OTHERS={REFERENCE}\nOWN={REFERENCE}\n",
            "d__main.js": "a = process.env.OWN || 'own'\n",
            "e__main.js": "a = process.env.READ_BY_OTHERS || process.env.ANOTHER\n",
        },
    )
    moved_to(stored, "a/.env", "b/.env", "d/.env")
    got, said = printed(stored, "KEY", "SAME", "PLAIN", "MODE", "OWN", "READ_BY_OTHERS")
    assert got == {"SAME": "the value", "OWN": "the value"}
    assert (
        "The command does not get KEY, because it has different values in a and b; start it in the folder"
        in said
    )
    assert "The command does not get MODE of c, because its value depends on the mode, its lease is" in said
    assert "The command does not get READ_BY_OTHERS of d, because" in said
    assert len(said.splitlines()) == 3
    assert printed(stored, "SAME", options=("--only", "SAME")) == ({"SAME": "the value"}, "")
    assert stored("lease", "TOKEN", "--uses", "9").code == 0
    got, said = printed(stored, "SAME")
    assert got == {}
    assert "The command does not get SAME of a, because its value depends on the mode, its lease is" in said


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        ("sub/.git", "sub"),
        ("sub/tokenward.toml", "sub"),
        ("sub/x", "node_modules/sub"),
        ("sub/x", ".hidden"),
        ("sub/x", "a/b/c/d"),
    ],
)
def test_folders_that_are_no_packages_of_the_workspace_give_nothing(
    stored: Shell, mark: str, place: str
) -> None:
    files(stored, **{mark.replace("/", "__"): "", f"{place}__.env".replace("/", "__"): f"OWN={REFERENCE}\n"})
    assert printed(stored, "OWN", "TOKEN") == ({"TOKEN": "the value"}, "")
