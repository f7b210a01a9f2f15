"""The environment files of a program that is started in a workspace's folder, by its framework.

Where the orders come from:

- Laravel: https://laravel.com/docs/configuration, "Environment File Selection"
- Symfony: https://symfony.com/doc/current/configuration.html, "Configuring Environment Variables in .env Files"
- dotenv for Rails: https://github.com/bkeepers/dotenv, "Customizing Rails"
- Next.js: https://nextjs.org/docs/pages/guides/environment-variables, "Environment Variable Load Order"
- Create React App: https://create-react-app.dev/docs/adding-custom-environment-variables
- dotenv-flow: https://github.com/kerimdzhanov/dotenv-flow, "Files under version control"
- Vite: https://vite.dev/guide/env-and-mode, "Env Loading Priorities"

In all of them, a variable that is already set wins over the files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tokenward.errors import SettingsError
from tokenward.fast_dataclasses import dataclass
from tokenward.model import references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.rewriting.env_file import has_variables, parse_env
from tokenward.setting_files import read_own_file
from tokenward.settings import Settings, own_path
from tokenward.sources.editable_file import text_if_readable
from tokenward.sources.project import PACKAGE, dependencies, project_code, read_package

MODE = "MODE"
_ANY_MODE = r"[^./]+"
_MODE_FIRST = (".env", ".env.MODE", ".env.local", ".env.MODE.local")
_LOCAL_FIRST = (".env", ".env.local", ".env.MODE", ".env.MODE.local")
DEFAULT_NAME = ".env"
_CONTAINERS = {"docker", "docker-compose", "podman", "podman-compose"}
MOST_ENTRIES = 10_000
"""The most names that are read from a folder."""
MOST_UNREAD = 20
_LARGEST = 1_000_000
"""The most bytes of a file that is read only to see what it contains."""
_MOST_SCRIPTS = 3
_LONGEST_COMMAND = 2_000
"""Characters of a command line that are searched for a mode, because some patterns take quadratic time."""
_SCRIPT = re.compile(r"(?:npm|pnpm|yarn|bun)(?:\s+-\S+)*\s+(?:run(?:-script)?\s+)?([\w:.-]+)")
_CODE_THAT_NAMES = (
    ".cjs", ".go", ".js", ".mjs", ".php", ".py", ".rb", ".rs", ".sh", ".ts", "Makefile", "package.json",
)  # fmt: skip
_NAMED_BY_CODE = re.compile(
    r"[\"'`/\s=]\.env\.(?:([A-Za-z][\w-]*)(\.local)?(?![\w.-])|(?=[#${]|[\"'`]\s*[+.]))"
)
"""A file that code names; its mode may follow from an expression."""
_LOCAL = "local"
_USUAL = ("development", "dev")


@dataclass(frozen=True, slots=True)
class Framework:
    """One row.

    Attributes:
        name: for people.
        files: its environment files, with MODE for the mode; the last wins.
        signs: patterns of paths in a project's folder; one is enough.
        packages: one of these in `package.json` is a sign too.
        mention: a file, and a pattern that must be in it, because a sign alone is not enough; None if it is.
        variables: the first that is set names the mode.
        commands: patterns of command lines, each with its mode; without one, group 1 is the mode.
        mode: the default mode; empty for none.
        shared: the mode in which `.env.local` is not read, so that everybody's tests give the same results.
        replaces: only the last existing file is read.
        names_mode: the files themselves may set the variable that names the mode.
        reads_files: the framework itself reads them, and keeps a variable that is already set.
    """

    name: str
    files: tuple[str, ...]
    signs: tuple[str, ...] = ()
    packages: frozenset[str] = frozenset()
    mention: tuple[str, str] | None = None
    variables: tuple[str, ...] = ("NODE_ENV",)
    commands: tuple[tuple[str, str], ...] = ()
    mode: str = "development"
    shared: str = "test"
    replaces: bool = False
    names_mode: bool = False
    reads_files: bool = True

    def file_names(self, mode: str) -> tuple[str, ...]:
        """Return the names of the files that are read in a mode, the weakest first."""
        names = (name for name in self.files if mode or MODE not in name)
        return tuple(
            name.replace(MODE, mode) for name in names if not (name == ".env.local" and mode == self.shared)
        )

    def mode_of(self, command: str, environment: Mapping[str, str]) -> str | None:
        """Return the mode named by a command line or a variable, or None."""
        for pattern, mode in self.commands:
            if found := re.search(pattern, command):
                return mode or found[1]
        for variable in self.variables:
            given = re.search(rf"(?<!\w){variable}=[\"']?(\w+)", command)
            if value := given[1] if given else environment.get(variable):
                return value if re.fullmatch(_ANY_MODE, value) else None
        return None

    def mode_of_file(self, name: str) -> str | None:
        """Return the mode in which a file of this name is read; None if that is every mode, or none."""
        patterns = (re.escape(one).replace(MODE, f"({_ANY_MODE})") for one in self.files if MODE in one)
        found = next(filter(None, (re.fullmatch(pattern, name) for pattern in patterns)), None)
        return found[1] if found else None

    def may_read(self, name: str) -> bool:
        """Return whether it reads a file of this name in some mode."""
        return any(re.fullmatch(re.escape(pattern).replace(MODE, _ANY_MODE), name) for pattern in self.files)


_WORD = r"(?:^|[\s/\"'&;|(])"
FRAMEWORKS: tuple[Framework, ...] = (
    Framework(
        "Laravel",
        (".env", ".env.MODE"),
        ("artisan",),
        variables=("APP_ENV",),
        commands=((r"\s--env[= ](\w+)", ""), (rf"{_WORD}(?:artisan test|phpunit|pest)(?!\w)", "testing")),
        mode="",
        replaces=True,
    ),
    Framework(
        "Symfony",
        _LOCAL_FIRST,
        ("composer.json",),
        mention=("composer.json", r"\"symfony/(?:dotenv|framework-bundle|runtime)\""),
        variables=("APP_ENV",),
        commands=((rf"{_WORD}(?:phpunit|simple-phpunit)(?!\w)", "test"), (r"console\s.*--env[= ](\w+)", "")),
        mode="dev",
        names_mode=True,
    ),
    Framework(
        "Rails with dotenv",
        _MODE_FIRST,
        ("config/application.rb",),
        mention=("Gemfile", "dotenv"),
        variables=("RAILS_ENV", "RACK_ENV"),
        commands=(
            (rf"{_WORD}(?:rspec|(?:rails|rake) test)(?!\w)", "test"),
            (r"rails\s.*(?:-e|--environment)[= ]?(\w+)", ""),
        ),
    ),
    Framework(
        "Next.js",
        _MODE_FIRST,
        ("next.config.*",),
        frozenset({"next"}),
        commands=(
            (r"(?<!\w)NODE_ENV=(test)(?!\w)", ""),
            (rf"{_WORD}next dev(?!\w)", "development"),
            (rf"{_WORD}next (?:build|start)(?!\w)", "production"),
        ),
    ),
    Framework(
        "Create React App",
        _MODE_FIRST,
        packages=frozenset({"react-scripts"}),
        commands=(
            (rf"{_WORD}react-scripts start(?!\w)", "development"),
            (rf"{_WORD}react-scripts build(?!\w)", "production"),
            (rf"{_WORD}react-scripts test(?!\w)", "test"),
        ),
    ),
    Framework("dotenv-flow", _LOCAL_FIRST, packages=frozenset({"dotenv-flow"}), mode=""),
    Framework(
        "Vite",
        _LOCAL_FIRST,
        ("vite.config.*", "astro.config.*"),
        frozenset({"vite"}),
        commands=(
            (r"(?:vite|vitest|astro)\s.*--mode[= ](\w+)", ""),
            (rf"{_WORD}vitest(?!\w)", "test"),
            (rf"{_WORD}(?:vite|astro) (?:build|preview)(?!\w)", "production"),
            (rf"{_WORD}(?:vite|astro)(?: (?:dev|serve))?(?:\s+-|\s*$|\s*[&;|])", "development"),
        ),
        shared="",
    ),
)
PLAIN = Framework("other programs, such as docker compose", (".env",), mode="", reads_files=False)
_BY_MODE = Framework(
    "the project's code",
    (".env", ".env.MODE", ".env.local", ".env.MODE.local"),
    variables=("NODE_ENV", "APP_ENV", "ENVIRONMENT"),
)


@dataclass(frozen=True, slots=True)
class EnvironmentFiles:
    """The environment files of one folder, as one framework reads them.

    Attributes:
        read: the files to read, of which the last wins.
        overriding: those whose values may or may not count in the program, because its mode is only assumed.
        family: every existing file that the framework reads in some mode, the weakest first.
        unread: other existing environment files, which may be meant.
        mode: the framework's mode; empty for none.
        below: those of the packages below the folder where the program starts.
        shared: those of a git worktree's main folder among them, of which only variables with references count.
        below_main: the main folder, if those below are in it.
    """

    read: tuple[Path, ...]
    overriding: tuple[Path, ...]
    family: tuple[Path, ...]
    unread: tuple[Path, ...]
    folder: Path
    framework: Framework
    mode: str
    below: tuple[EnvironmentFiles, ...] = ()
    shared: frozenset[Path] = frozenset()
    below_main: Path | None = None

    @classmethod
    def named(cls, paths: tuple[Path, ...], folder: Path) -> EnvironmentFiles:
        """Return files that somebody has named, whatever framework is in use."""
        return cls(paths, (), paths, (), folder, PLAIN, "")

    @property
    def main(self) -> Path:
        """Return the path of `.env`, or of the file that the settings name, whether or not it exists."""
        return self.read[0] if self.framework is PLAIN and self.read else self.folder / DEFAULT_NAME


class _Level(NamedTuple):
    """A folder, the names in it, those that its framework may read, and those that are in the main folder."""

    folder: Path
    framework: Framework
    names: list[str]
    family: list[str]
    shared: Mapping[str, Path]


def find_files(
    settings: Settings,
    root: Path,
    start: Path,
    command: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    *,
    main: Path | None = None,
) -> EnvironmentFiles:
    """Return the files of the nearest folder that has any, from the start up to the workspace's root.

    A file that the settings name is the only one; if there is no file, the root's `.env` is the one to read. In a git
    worktree whose own files hold no reference, those that it lacks are looked up in the main folder, if one is given.

    Raises:
        SettingsError: a link leads one of the files out of the workspace, or into its version control.
    """
    if settings.env_file != DEFAULT_NAME:
        chosen = settings.env_path(root)
        if main and not os.path.lexists(chosen) and may_refer(theirs := settings.env_path(main)):
            return replace(EnvironmentFiles.named((theirs,), chosen.parent), shared=frozenset([theirs]))
        return EnvironmentFiles.named((chosen,), chosen.parent)
    levels = [_level(folder, command) for folder in _folders(start, root)]
    beside = {level.folder: _beside(level.folder, root, main) for level in levels} if main else {}
    nearest = next((level for level in levels if level.family), None)
    if main and not (nearest and any(may_refer(nearest.folder / name) for name in nearest.family)):
        completed = (
            _level(one.folder, command, beside[one.folder]) for one in ([nearest] if nearest else levels)
        )
        nearest = next((level for level in completed if level.family), None)
    others = [level for level in levels if nearest is None or level.folder != nearest.folder]
    above = [level.folder / name for level in others for name in level.names if has_variables(name)]
    if nearest:
        found = _of_level(root, nearest, above, " ".join(command), environment or {})
    else:
        path = settings.env_path(root)
        found = EnvironmentFiles((path,), (), (), tuple(above[:MOST_UNREAD]), root, PLAIN, "")
    left = [path for paths in beside.values() for path in paths.values() if _adds(path, found)]
    return replace(found, unread=(*found.unread, *left))


def files_of(
    root: Path, folder: Path, command: Sequence[str], environment: Mapping[str, str]
) -> EnvironmentFiles:
    """Return the files of one folder of a workspace.

    Raises:
        SettingsError: as for `find_files`.
    """
    return _of_level(root, _level(folder, command), (), " ".join(command), environment)


def framework_of(folder: Path, names: Sequence[str]) -> Framework:
    """Return what reads the files of a project's folder, given the names in it."""
    packages: frozenset[str] | None = None
    for framework in FRAMEWORKS:
        if any(_is_there(folder, names, sign) for sign in framework.signs):
            if framework.mention is None or re.search(
                framework.mention[1], _text(folder / framework.mention[0])
            ):
                return framework
        elif framework.packages and PACKAGE in names:
            if packages is None:
                packages = dependencies(folder)
            if packages & framework.packages:
                return framework
    return _named_by_code(folder, names) or PLAIN


def _named_by_code(folder: Path, names: Sequence[str]) -> Framework | None:
    """Return how a project's code reads those of its files that it names; None if it names none of them."""
    there = {name.split(".")[2] for name in names if name.startswith(".env.") and has_variables(name)}
    # Below the home folder is everybody's code.
    if not there or folder.resolve() == Path.home().resolve():
        return None
    named: set[str] = set()
    for _, text in project_code(folder / ".env", _CODE_THAT_NAMES):
        named |= {one[1] or MODE for one in _NAMED_BY_CODE.finditer(text)}
    modes = there - {_LOCAL} if MODE in named else there & named - {_LOCAL}
    is_local = _LOCAL in there & named
    if not modes and not is_local:
        return None
    usual = next((mode for mode in _USUAL if mode in modes), "")
    # If the code names one file for developers, it reads that in every mode.
    fixed = usual if modes == {usual} and MODE not in named else MODE
    files = [name.replace(MODE, fixed) for name in _BY_MODE.files if is_local or name != ".env.local"]
    return replace(_BY_MODE, files=tuple(files), mode="" if fixed == usual else usual)


def is_container(command: Sequence[str]) -> bool:
    """Return whether a command is that of Docker or Podman."""
    return bool(command) and os.path.basename(command[0]) in _CONTAINERS  # noqa: PTH119 - it need not be a clean path


def may_refer(path: Path) -> bool:
    """Return whether a file seems to contain a reference; an unreadable one is reported when it is read."""
    return f"{REFERENCE_SCHEME}://" in _text(path)


def _level(folder: Path, command: Sequence[str], beside: Mapping[str, Path] = MappingProxyType({})) -> _Level:
    own = _names_in(folder)
    names = sorted(own | beside.keys())
    # Compose reads `.env` alone, whatever runs in the containers.
    framework = PLAIN if is_container(command) else framework_of(folder, names)
    family = [name for name in names if framework.may_read(name)]
    return _Level(folder, framework, names, family, {name: beside[name] for name in beside.keys() - own})


def _names_in(folder: Path) -> set[str]:
    found: set[str] = set()
    with suppress(OSError), os.scandir(folder) as entries:
        found.update(entry.name for entry in islice(entries, MOST_ENTRIES))
    # A folder with more names lists them in no particular order.
    found.update(name for name in (DEFAULT_NAME, PACKAGE) if os.path.lexists(folder / name))
    return found


def _beside(folder: Path, root: Path, main: Path) -> dict[str, Path]:
    """Return the files in the main folder's place of a worktree's folder; none if none of them holds a reference."""
    there, found = main / folder.relative_to(root), {}
    for name in filter(has_variables, sorted(_names_in(there))):
        # The worktree may need none of them.
        with suppress(SettingsError):
            found[name] = own_path(there / name, main)
    return found if any(map(may_refer, found.values())) else {}


def _adds(path: Path, found: EnvironmentFiles) -> bool:
    """Return whether a file assigns references to variables that none of the files that are read assigns."""
    known = {one.key for other in found.read for one in parse_env(_text(other))}
    return any(one.key not in known and any(references_in(one.value)) for one in parse_env(_text(path)))


def _of_level(
    root: Path, level: _Level, above: Sequence[Path], command: str, environment: Mapping[str, str]
) -> EnvironmentFiles:
    folder, framework, names, family, shared = level
    given = framework.mode_of(_with_scripts(folder, command), environment)
    if given is None and framework.names_mode:
        given = _named_mode(folder, framework)
    mode = framework.mode if given is None else given
    read = [name for name in framework.file_names(mode) if name in family]
    if framework.replaces:
        read = read[-1:]
    others = [name for name in family if name not in read]
    unread = [name for name in names if has_variables(name) and name not in family]
    if given is None and framework.mode:
        unread += others

    def paths(chosen: Sequence[str]) -> tuple[Path, ...]:
        return tuple(shared.get(name) or own_path(folder / name, root) for name in chosen)

    left = (*(folder / name for name in unread), *above)
    overriding = [name for name in family if name != DEFAULT_NAME] if given is None else []
    if framework.replaces and overriding:
        # Another file could replace `.env` too.
        overriding = family
    return EnvironmentFiles(
        paths(read), paths(overriding), paths([*read, *others]), left[:MOST_UNREAD], folder, framework, mode,
        shared=frozenset(shared.values()),
    )  # fmt: skip


def _folders(start: Path, root: Path) -> Iterator[Path]:
    """Yield the folders from the start up to the root; the root alone if the start is not in it."""
    real, top = Path(os.path.realpath(start)), Path(os.path.realpath(root))
    for folder in (real, *real.parents):
        if folder == top or not folder.is_relative_to(top):
            break
        yield root / folder.relative_to(top)
    yield root


def _is_there(folder: Path, names: Sequence[str], sign: str) -> bool:
    if "/" in sign:
        return sign.split("/", 1)[0] in names and (folder / sign).is_file()
    return any(fnmatchcase(name, sign) for name in names)


def _with_scripts(folder: Path, command: str) -> str:
    """Return a command line, followed by the scripts of `package.json` that it starts."""
    line = part = command[:_LONGEST_COMMAND]
    for _ in range(_MOST_SCRIPTS):
        found = _SCRIPT.search(part)
        scripts = read_package(folder).get("scripts") if found else None
        script = scripts.get(found[1]) if found and isinstance(scripts, dict) else None
        if not isinstance(script, str):
            break
        part = script[:_LONGEST_COMMAND]
        line = f"{line} ; {part}"
    return line


def _named_mode(folder: Path, framework: Framework) -> str | None:
    """Return the mode named by the files that are read in every mode."""
    found = None
    for name in framework.file_names(""):
        assigned = parse_env(text_if_readable(folder / name))
        named = [one.value for one in assigned if one.key in framework.variables]
        found = named[-1] if named else found
    return found


def _text(path: Path) -> str:
    """Return the text of a small file; empty if it is missing."""
    with suppress(OSError, SettingsError):
        return read_own_file(path, _LARGEST).decode("utf-8", "replace")
    return ""
