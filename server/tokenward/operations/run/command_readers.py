"""The programs whose files `run` fills, one row each, and those that a command reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tokenward.operations.run.command_reader import CommandReader, FileRead
from tokenward.operations.run.home_files import HOME_FILES, LIBRARIES
from tokenward.operations.run.kustomization import is_kustomization
from tokenward.rewriting.env_file import parse_env
from tokenward.sources.editable_file import text_if_readable

MOST_FILES = 200
"""The most files of a folder that are filled; the command does not get the others."""
_MANIFESTS = (".json", ".yaml", ".yml")


_POSTGRES = frozenset({"psql", "pg_dump", "pg_dumpall", "pg_restore", "createdb", "dropdb", "vacuumdb"})
_MYSQL = frozenset(
    {"mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mariadb-admin"}
)
_SETTINGS_OPTIONS = """
    -c --conf -conf --config -config --configFile --configfile --config-file --config_file --config.file --config-path
    -file --env-file --local-config --secrets --settings --settings_file --template-file --backend-config
    -backend-config
"""
_HELM = frozenset({"install", "upgrade", "template", "lint"})

COMMAND_READERS: tuple[CommandReader, ...] = (
    CommandReader(frozenset({"kubectl", "oc"}), ("-f", "--filename"), takes_folders=True),
    CommandReader(
        frozenset({"kubectl", "oc", "kustomize"}),
        ("-k", "--kustomize"),
        takes_words=True,
        kustomizes=True,
        usual=(".",),
        given=("FILE",),
        behind=frozenset({"kustomize", "build"}),
    ),
    CommandReader(
        frozenset({"helm"}),
        ("-f", "--values"),
        # The values of a chart are the weakest.
        inside="values.yaml",
        given=("--values=FILE",),
        behind=_HELM,
    ),
    CommandReader(_POSTGRES, variable="PGPASSFILE", usual=("~/.pgpass", "$APPDATA/postgresql/pgpass.conf")),
    # Both options must come first.
    CommandReader(
        _MYSQL,
        ("--defaults-file", "--defaults-extra-file"),
        usual=("~/.my.cnf",),
        given=("--defaults-file=FILE",),
    ),
    CommandReader(
        frozenset({"curl"}),
        ("--netrc-file",),
        usual=("~/.netrc", "~/_netrc"),
        given=("--netrc-file", "FILE"),
        only_with=frozenset({"-n", "--netrc", "--netrc-optional"}),
    ),
    CommandReader(frozenset({"curl"}), ("-K",)),
    CommandReader(
        frozenset({"sam"}),
        ("--config-file",),
        usual=("samconfig.toml",),
        given=("--config-file", "FILE"),
        behind=frozenset({"build", "delete", "deploy", "package", "sync"}),
    ),
    CommandReader(frozenset({"sam"}), ("-n", "--env-vars", "--container-env-vars")),
    CommandReader(frozenset({"cf", "conda", "helmfile", "mamba", "micromamba"}), ("-f", "--file")),
    CommandReader(frozenset({"zappa"}), ("-s",)),
    CommandReader(frozenset({"az"}), ("--parameters",)),
    CommandReader(
        frozenset({"terraform", "tofu"}),
        ("-var-file", "--var-file"),
        # It reads these as well, but what is named counts.
        usual=("terraform.tfvars", "terraform.tfvars.json"),
        given=("-var-file=FILE",),
        behind=frozenset({"plan", "apply", "destroy", "refresh", "import", "console"}),
    ),
    CommandReader(
        frozenset({"wrangler"}),
        ("--env-file",),
        usual=(".dev.vars",),
        given=("--env-file", "FILE"),
        behind=frozenset({"dev"}),
        starts_others=True,
    ),
    *HOME_FILES,
    CommandReader(frozenset({"ssh", "scp", "sftp"}), ("-i",)),
    CommandReader(frozenset({"ssh-add"}), takes_words=True),
    CommandReader(
        frozenset({"alembic"}),
        ("-c", "--config"),
        variable="ALEMBIC_CONFIG",
        usual=("alembic.ini",),
        given=("--config", "FILE"),
        changes=((re.escape("%(here)s"), "FOLDER"),),
    ),
    CommandReader(
        frozenset({"twine"}),
        ("--config-file",),
        usual=("~/.pypirc",),
        given=("--config-file", "FILE"),
        behind=frozenset({"upload", "register"}),
        # A move comments the line out where Tokenward answers Python's keyring.
        changes=((r"(?im)^# (?=password[ \t]*[=:][ \t]*keyring://)", ""),),
    ),
    CommandReader(
        frozenset({"aider"}),
        ("-c", "--config"),
        usual=(".aider.conf.yml", "~/.aider.conf.yml"),
        given=("--config", "FILE"),
        starts_others=True,
    ),
    CommandReader(frozenset({"redis-server", "redis-sentinel", "wg-quick", "dex", "deck"}), takes_words=True),
    CommandReader(
        frozenset({"streamlit"}),
        ("--secrets.files",),
        usual=(".streamlit/secrets.toml",),
        given=("--secrets.files", "FILE"),
        behind=frozenset({"run"}),
        starts_others=True,
    ),
    CommandReader(
        frozenset({"composer"}), variable="COMPOSER_AUTH", content=r"[\s\S]+", usual=("auth.json",)
    ),
    CommandReader(
        frozenset({"docker", "podman", "buildah"}),
        ("-f", "--file"),
        inside="Dockerfile",
        given=("--secret", "id=NAME,env=NAME"),
        behind=frozenset({"build"}),
        mounted=r"--mount=type=secret,id=(\w+),",
    ),
    # Whatever the program, these options name a file of settings.
    CommandReader(options=tuple(_SETTINGS_OPTIONS.split())),
    CommandReader(variable="PGPASSFILE"),
    CommandReader(variable="NETRC"),
    CommandReader(variable="GOOGLE_APPLICATION_CREDENTIALS"),
    *LIBRARIES,
)


def paths_in(env_files: Iterable[Path], only: Sequence[str], folder: Path) -> dict[str, str]:
    """Return the variables that name a file, or have its content, in environment files.

    Of some names, separated by commas, if there are any. Only files below the folder count: a cloned repository's
    `.env` may name files of other workspaces. An unreadable file is reported when it is read for the environment.
    """
    contents = {row.variable for row in COMMAND_READERS if row.content}
    names = {row.variable for row in COMMAND_READERS if row.variable}
    names &= {name.strip() for part in only for name in part.split(",")} if only else names
    found: dict[str, str] = {}
    for path in env_files:
        text = text_if_readable(path)
        if any(name in text for name in names):
            found |= {one.key: one.value for one in parse_env(text) if one.key in names}
    root = folder.resolve()
    return {
        name: path
        for name, path in found.items()
        if name in contents or ("\0" not in path and Path(os.path.realpath(path)).is_relative_to(root))
    }


def files_read(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[FileRead]:
    """Yield the existing files that a command reads, those of one folder together; relative to the current folder."""
    program = os.path.basename(command[0]).removesuffix(".exe")  # noqa: PTH119 - the name need not be a clean path
    seen: set[int] = set()
    for row in COMMAND_READERS:
        is_read = program in row.programs or (row.options and not row.programs)
        if is_read and (named := [one for one in _named_by_words(row, command) if one.start not in seen]):
            seen.update(one.start for one in named)
            by_option = [one for one in named if one.start < one.end]
            yield from by_option if row.mounted and by_option else named
        elif row.variable in variables:
            # A program that has its own row needs no row for all programs.
            own = (one for one in COMMAND_READERS if one.variable == row.variable and program in one.programs)
            is_for_it = program in row.programs or not (row.programs or any(own))
            if is_for_it and not row.content:
                name = variables[row.variable]
                yield from _files(row, 0, 0, (), f"{name}/{row.inside}" if row.is_folder else name)
        elif program in row.programs:
            yield from _usual(row, command)


def _named_by_words(row: CommandReader, command: Sequence[str]) -> Iterator[FileRead]:
    # Words after `--` belong to another program.
    end = command.index("--") if "--" in command else len(command)
    for at, word in enumerate(command[1:end], 1):
        name, equals, value = word.partition("=")
        if word in row.options and at + 1 < len(command):
            yield from _files(row, at, at + 2, (word, "FILE"), command[at + 1])
        elif equals and name in row.options:
            yield from _files(row, at, at + 1, (f"{name}=FILE",), value)
        elif short := next((one for one in row.options if len(one) == 2 and word[:2] == one), ""):
            yield from _files(row, at, at + 1, (f"{short}FILE",), word[2:])
        elif row.takes_words and not word.startswith("-") and row.may_follow(command[1:at]):
            yield from _files(row, at, at + 1, ("FILE",), word)
        elif row.inside and row.behind.intersection(command[1:at]):
            yield from _added(row, command, f"{word}/{row.inside}")


def _usual(row: CommandReader, command: Sequence[str]) -> Iterator[FileRead]:
    if not row.may_follow(command[1:]) or (row.only_with and row.only_with.isdisjoint(command)):
        return
    for name in row.usual:
        path = os.path.expandvars(os.path.expanduser(name))  # noqa: PTH111 - without a home it stays as it is
        found = [one._replace(is_home=name[0] in "~$") for one in _added(row, command, path)]
        yield from found
        if found:
            return


def _added(row: CommandReader, command: Sequence[str], name: str) -> Iterator[FileRead]:
    at = next((at for at, word in enumerate(command[1:], 1) if word in row.behind), 0) + 1
    return _files(row, at, at, row.given, name)


def _files(row: CommandReader, start: int, end: int, words: tuple[str, ...], name: str) -> Iterator[FileRead]:
    if not name or "\0" in name:
        return
    path = Path(os.path.abspath(name))  # noqa: PTH100 - links stay
    if is_kustomization(path) if row.kustomizes else os.path.isfile(path):  # noqa: PTH113 - it takes any name
        yield FileRead(path, start, end, words, row)
    elif row.takes_folders:
        with suppress(OSError):
            inner = sorted(one for one in path.iterdir() if one.suffix in _MANIFESTS and one.is_file())
            yield from (FileRead(one, start, end, words, row) for one in inner[:MOST_FILES])
