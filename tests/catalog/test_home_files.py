"""What the catalog says of a home file that holds tokens is what each part of the code does with it."""

from __future__ import annotations

import pytest

from agent_homes import AgentHome, newest
from tokenward.catalog.home_files import HomeFile, file_tables, files_of, home_files
from tokenward.operations.agents_protection.protected_agent import protected_agents
from tokenward.operations.agents_protection.special_settings import stores
from tokenward.operations.credentials.protocols import PROTOCOLS
from tokenward.operations.run.command_readers import COMMAND_READERS
from tokenward.rewriting.readers.cargo import CARGO
from tokenward.rewriting.readers.credential_files import CREDENTIAL_FILES
from tokenward.rewriting.readers.table import READERS
from tokenward.sources.patterns.token_files import token_kinds

_ON_WINDOWS = ("NuGet/NuGet.Config", "pip/pip.ini", "pypoetry/config.toml", "uv/uv.toml")
ALLOWED = {
    *(".aws/config", ".bundle/config", ".cargo/config", ".cargo/config.toml", ".curlrc", ".hgrc", ".wgetrc"),
    *(
        ".config/pip/pip.conf",
        ".config/pypoetry/config.toml",
        ".config/uv/uv.toml",
        ".pip/pip.conf",
        "pip/pip.ini",
    ),
    *(".gradle/gradle.properties", ".m2/settings.xml", ".nuget/NuGet/NuGet.Config", ".yarnrc", ".yarnrc.yml"),
    *(f"Library/Application Support/{one}" for one in ("pip/pip.conf", "pypoetry/config.toml")),
    *(f"AppData/Roaming/{one}" for one in _ON_WINDOWS),
}
"""Settings without which programs do something else, so that agents may read them; hooks check what they read."""
OF_AGENTS = {"servers", "headers", "key"}
"""What helps agents, whose settings are these files."""
NO_TEXT = {".gnupg/**"}
AT_HOME = [one for one in home_files() if one.path]

every_file = pytest.mark.parametrize("file", AT_HOME, ids=lambda one: one.path)


def example(pattern: str) -> str:
    """Return a path that a pattern means."""
    return pattern.replace("**", "a").replace("*", "a")


@every_file
def test_agents_are_denied_it_unless_programs_need_it(file: HomeFile) -> None:
    assert (f"~/{file.path}" in stores()) == file.denied
    is_of_agent = not OF_AGENTS.isdisjoint(file.helpers) or file.path == ".aider.conf.yml"
    assert file.denied == (file.path not in ALLOWED and not is_of_agent)


@every_file
def test_it_is_scanned_although_git_ignores_it(file: HomeFile) -> None:
    path = example(file.path)
    found = token_kinds().verdict(f"ada/{path}", path.rpartition("/")[2], is_folder=False)
    assert (found is True) == (file.path not in NO_TEXT)


@every_file
def test_its_reader_reads_it(file: HomeFile) -> None:
    rows = [one for one in READERS if one.name == file.reader]
    path = f"/home/ada/{example(file.path)}"
    assert any(one.files.fullmatch(path) for one in rows) == bool(file.reader)


@every_file
def test_its_helper_answers(file: HomeFile) -> None:
    assert {*file.helpers} <= PROTOCOLS.keys() | {"servers"}


def test_every_reader_of_credentials_has_a_home_file() -> None:
    read = {one.reader for one in home_files()}
    elsewhere = {"kubectl with another file", "Google Cloud", "Terraform CLI with another file"}
    assert {one.name for one in (*CARGO, *CREDENTIAL_FILES)} - read == elsewhere


def test_run_fills_no_home_file_that_has_no_row() -> None:
    known = {one.usual for one in home_files()}
    assert {one for row in COMMAND_READERS for one in row.usual if one[0] in "~$"} <= known


def test_no_home_file_stands_twice() -> None:
    groups = [group for table in file_tables() for group in table.get("home", ())]
    paths = [one.usual for group in groups for one in files_of(group) if one.usual]
    assert sorted(paths) == sorted({*paths})


@pytest.mark.parametrize(
    ("place", "file"),
    [
        ("~/.a", HomeFile("~/.a")),
        ("{A|~/.a}", HomeFile("~/.a", "A")),
        ("{A|~/.a}/b.c", HomeFile("~/.a/b.c", "A", "b.c")),
        ("{A}/b/c", HomeFile("", "A", "b/c")),
        ("$APPDATA/a b/c", HomeFile("$APPDATA/a b/c")),
    ],
)
def test_a_place_says_what_moves_it(place: str, file: HomeFile) -> None:
    assert [*files_of({"places": [place]})] == [file]


def test_the_home_folder_on_windows_is_one_of_the_places() -> None:
    assert HomeFile("$APPDATA/a b/c").path == "AppData/Roaming/a b/c"


@pytest.mark.parametrize("name", ["claude-code", "opencode"])
def test_settings_of_agents_name_every_denied_file(home: AgentHome, name: str) -> None:
    agent = protected_agents()[name]
    home.protect(newest(agent))
    text = "".join(path.read_text() for path in home.files_of(agent) if path.is_file())
    assert [one.path for one in AT_HOME if one.denied and f"~/{one.path}" not in text] == []
    assert [one.path for one in AT_HOME if not one.denied and f"Read(~/{one.path})" in text] == []


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> AgentHome:
    return AgentHome.at(tmp_path_factory.mktemp("home"))
