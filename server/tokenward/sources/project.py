"""Reads the files of code's project, which may be hostile: its packages, its settings, and whether it is shipped."""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import chain, islice
from pathlib import Path

from tokenward.errors import SettingsError
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span
from tokenward.safe_files import NotRegular, open_regular
from tokenward.setting_files import read_own_file

PACKAGE = "package.json"
_LARGEST_PACKAGE = 1_000_000
_MOST_FOLDERS = 16
"""The most folders, from that of a file upwards, that are searched for its project."""
_CLIENTS = {
    "@angular/core", "@capacitor/core", "@vue/cli-service", "expo", "react-native", "react-scripts", "svelte",
}  # fmt: skip
_SERVERS = {
    "@angular/ssr", "@apollo/server", "@hapi/hapi", "@nestjs/core", "@prisma/client", "@react-router/node",
    "@remix-run/node", "@solidjs/start", "@sveltejs/kit", "@trpc/server", "apollo-server", "astro", "electron",
    "express", "fastify", "firebase-functions", "gatsby", "hono", "koa", "mongoose", "mysql2", "next", "nuxt", "pg",
    "polka", "restify", "sequelize", "socket.io", "typeorm",
}  # fmt: skip
"""Packages of programs on a server, whose code may be beside that for browsers."""
_BUNDLED = re.compile(
    r"(?:src|app|components|contexts?|features|helpers|hooks|lib|navigation|pages|providers|screens|services|stores?"
    r"|utils|views)/.+|(?:app|index|main)\.\w+",
    re.IGNORECASE,
)
_NOT_BUNDLED = re.compile(
    r"(?:.*/)?(?:(?:__tests__|__mocks__|backend|bin|e2e|functions|mocks|scripts|server|tests?|tools)/.*"
    r"|[^/]*(?:\.(?:config|node|server|spec|stories|test)\.|\+api\.)[^/]*)",
    re.IGNORECASE,
)

_SERVES = re.compile(r"vite(?:[ ]+(?:dev|serve|preview|--[\w =.-]{1,80}))?")
_CODE = ("ts", "js", "mts", "mjs", "cts", "cjs")
_MOST_ENTRIES = 3_000
_MOST_FILES = 200
_LARGEST_CODE = 100_000
"""The bytes of a file that are read."""
_ROOTS = {
    ".git", "Cargo.toml", "build.gradle", "build.gradle.kts", "go.mod", "package.json", "pom.xml", "pyproject.toml",
    "requirements.txt", "setup.py",
}  # fmt: skip
BUILDS = ("Gemfile", "build.gradle", "build.gradle.kts", "build.sbt", "firebase.json", "pom.xml")
"""The files of a project that say which program reads its other files."""
NOT_ITS_OWN = {"build", "dist", "node_modules", "site-packages", "target", "third_party", "vendor", "venv"}
"""The names of folders in which a project has what it did not write."""
FILES = (
    ".astro", ".bash", ".cjs", ".conf", ".cs", ".ex", ".exs", ".go", ".ipynb", ".java", ".jl", ".js", ".json", ".jsx",
    ".kt", ".mjs", ".php", ".pl", ".properties", ".py", ".R", ".rb", ".rs", ".scala", ".sh", ".svelte", ".toml", ".ts",
    ".tsx", ".vue", ".xml", ".yaml", ".yml", ".zsh", "Dockerfile", "Makefile", "Procfile",
)  # fmt: skip
_NAME = r"([A-Z][A-Z0-9_]{1,63})"
_QUOTE = r"\\?[\"']"
_IN_BRACES = re.compile(rf"\$\{{{_NAME}(?::[-=]?|[-=])(?P<literal>[^}}\n?+=-][^}}\n]{{0,300}})\}}")
_IN_CALL = re.compile(
    r"(?:(?i:get_?env|get_?or_?default)|environ\.(?:get|setdefault)|ENV\.fetch|\benv(?:\.[a-z]{1,12})?|\bconfig"
    rf"|\bget\(ENV,)\(?\s{{0,20}}{_QUOTE}{_NAME}{_QUOTE}\s{{0,20}},\s{{0,99}}(?:[^()\n]{{0,99}}?\bdefault\s?=\s?)?"
)
_IN_ALTERNATIVE = re.compile(
    rf"(?:\benv\.|(?:ENV|env|environ)[\[{{](?:{_QUOTE})?|(?:(?i:get_?env)|environ\.get|EnvironmentVariable|env::var)"
    rf"\(\s?{_QUOTE}){_NAME}(?:{_QUOTE})?[)\]}}]{{0,3}}!?\s{{0,20}}"
    r"(?:\|\||\?\?|\?:|//(?=\s?[\"'])|or\b|\.(?:unwrap_or|orElse|getOrElse)\w{0,10}\((?:\|\w?\|\s?)?)\s{0,99}"
)
# A field of pydantic's settings has a variable of its name.
_IN_SETTINGS = re.compile(
    r"^[ \t]+([A-Za-z]\w{1,63})[ \t]*:[^=\n]{1,80}=[ \t]*(?:\w{1,20}\((?:default\s?=\s?)?)?", re.MULTILINE
)
_VALUE = re.compile(
    r"[rbuf]{0,2}\\?([\"'`])(?P<literal>[^\n]{0,300}?)\\?\1|(?P<look_up>(?:\w{1,20}\.){0,3}(?:env|ENV|environ|getenv|get_env)\b[.(\[])"
    r"|(?P<constant>[A-Za-z_]\w{0,63})(?![\w.(\[:=])"
)
_NOTHING = {"None", "False", "false", "nil", "null", "undefined"}
_MOST_IN_FOLDER = 1_000
_MOST_READ = 4
_LARGEST_PROJECT = 1_000_000
_TESTS_AND_TOOLS = r"(?!(?i:.*/)?(?i:backend|build-?tools|scripts?|server|tools?)/)"


def read_package(folder: Path) -> dict[str, object]:
    """Return the content of a folder's package.json; empty if it has none that can be read."""
    with suppress(OSError, SettingsError, ValueError, RecursionError):
        package = json.loads(read_own_file(folder / PACKAGE, _LARGEST_PACKAGE))
        if isinstance(package, dict):
            return package
    return {}


def dependencies(folder: Path) -> frozenset[str]:
    """Return the names of the packages that a folder's package.json needs."""
    package = read_package(folder)
    tables = (package.get(key) for key in ("dependencies", "devDependencies"))
    return frozenset(name for table in tables if isinstance(table, dict) for name in table)


def _has_page(folder: Path) -> bool:
    """Return whether Vite serves a page of a folder: its own, or one that its configuration makes."""
    scripts = read_package(folder).get("scripts")
    commands = scripts.values() if isinstance(scripts, dict) else ()
    return (folder / "index.html").is_file() or (
        any(_SERVES.fullmatch(str(one)) for one in commands)
        and any((folder / f"vite.config.{ending}").is_file() for ending in _CODE)
    )


def is_bundled(file: Path) -> bool:
    """Return whether the nearest package with dependencies bundles a file of code for a browser or an app."""
    for folder in islice(file.parents, _MOST_FOLDERS):
        if needed := dependencies(folder):
            path = file.relative_to(folder).as_posix()
            has_client = needed & _CLIENTS or ("vite" in needed and _has_page(folder))
            is_inside = _BUNDLED.fullmatch(path) and not _NOT_BUNDLED.fullmatch(path)
            return bool(has_client and is_inside and not needed & _SERVERS)
        if os.path.lexists(folder / ".git"):
            break
    return False


def project_code(file: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of a project's files with one of the suffixes, those nearest to its folder first."""
    folders = [*islice(file.parents, _MOST_FOLDERS)]
    root = next((one for one in folders if any(os.path.lexists(one / name) for name in _ROOTS)), file.parent)
    return code_below(root, suffixes)


def builds_of(file: Path) -> dict[str, str]:
    """Return those of BUILDS in the nearest folder above a file that has one, with their texts."""
    for folder in islice(file.parents, _MOST_FOLDERS):
        if found := {Path(path).name: text for path, text in _texts(f"{folder}/{name}" for name in BUILDS)}:
            return found
        if os.path.lexists(folder / ".git"):
            break
    return {}


def code_below(folder: Path, suffixes: tuple[str, ...], most: int = _MOST_FILES) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of some of a folder's files with one of the suffixes, the uppermost first."""
    yield from _texts(islice(_files(folder, suffixes), most))


def _texts(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        with suppress(OSError, NotRegular):
            descriptor, _ = open_regular(path)
            with os.fdopen(descriptor, "rb") as opened:
                yield path, opened.read(_LARGEST_CODE).decode("utf-8", "replace")


def _files(root: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    waiting, seen = deque([str(root)]), 0
    while waiting and seen < _MOST_ENTRIES:
        with suppress(OSError), os.scandir(waiting.popleft()) as entries:
            for entry in sorted(islice(entries, _MOST_ENTRIES - seen), key=lambda entry: entry.name):
                seen += 1
                if entry.name.endswith(suffixes):
                    yield entry.path
                elif (
                    entry.name[0] != "."
                    and entry.name not in NOT_ITS_OWN
                    and entry.is_dir(follow_symlinks=False)
                ):
                    waiting.append(entry.path)


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A value that a file gives to a variable.

    Attributes:
        path, text: of the file.
        span: of the literal in the text, or of what holds it.
        is_literal: the value itself is there.
        is_look_up: a lookup of another variable is there.
    """

    path: Path
    text: str
    span: Span
    is_literal: bool
    is_look_up: bool

    def differs(self, plain: str) -> bool:
        """Return whether it is not the value, or an address that contains that."""
        return not (self.is_literal and plain in self.text[self.span.start : self.span.end])


def other_values(path: Path, text: str) -> Iterator[tuple[str, OtherValue]]:
    """Yield the variables that a text looks up with another value for when they are not set, and these values."""
    for found in _IN_BRACES.finditer(text):
        is_look_up = found["literal"].startswith("$")
        span = Span(*found.span("literal"))
        yield found[1], OtherValue(path, text, span, is_literal=not is_look_up, is_look_up=is_look_up)
    patterns = [_IN_CALL, _IN_ALTERNATIVE]
    if "BaseSettings" in text and "env_prefix" not in text:
        patterns.append(_IN_SETTINGS)
    for found in chain.from_iterable(pattern.finditer(text) for pattern in patterns):
        value = _VALUE.match(text, found.end())
        if value and value.lastgroup and value[value.lastgroup] not in {"", *_NOTHING}:
            span = Span(*value.span(value.lastgroup))
            kind = value.lastgroup
            other = OtherValue(path, text, span, is_literal=kind == "literal", is_look_up=kind == "look_up")
            yield found[1].upper(), other


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of project.

    Attributes:
        files: patterns of the names of files that may be a part of its app.
        projects: patterns of its project files, with one `/` at most; the nearest folder with one decides.
        signs: of an app, all in one of them; PATH is the file's path in the project, FOLDER its folder.
        inside: matches the paths of the files that the app gets.
    """

    files: tuple[str, ...]
    projects: tuple[str, ...]
    signs: tuple[str, ...]
    inside: str = rf"{_TESTS_AND_TOOLS}.*"


_FLUTTER = r"^[ ]{1,8}sdk:[ ]{1,8}flutter\b"
_ANDROID = (
    r"^(?!.*\bapply[ (]{1,8}false).*\b(?:com\.android\.(?:application|dynamic-feature|library)\b"
    r"|libs\.plugins\.[\w.]{0,40}android[\w.]{0,40}(?i:application|feature|library))"
)
_APPLE = (
    r"\.(?:iOS|tvOS|visionOS|watchOS)\b|\b(?:iphoneos|appletvos|watchos|xros)\b|product-type\.app"
    r"|\b(?:IPHONEOS|TVOS|WATCHOS|XROS)_DEPLOYMENT_TARGET|\bplatform:?[ ]{1,8}:?(?i:ios|tvos|watchos)\b"
)
_KINDS = (
    _Kind(("*.dart",), ("pubspec.yaml",), (_FLUTTER,), r"(?:lib|integration_test)/.*"),
    # Its files, or whole folders of them.
    _Kind(
        ("*.env", ".env*"),
        ("pubspec.yaml",),
        (_FLUTTER, r"^[ ]{1,8}-[ ]{1,8}(?:path:[ ]{1,8})?[\"']?(?:PATH|FOLDER/)[\"']?\s*$"),
        ".*",
    ),
    _Kind(
        ("*.java", "*.kt"),
        ("build.gradle", "build.gradle.kts"),
        (_ANDROID,),
        # Tests in `src/test` and the like run on the computer.
        r"src/(?!(?:desktop|jvm|server|test)\w*/).*",
    ),
    _Kind(
        ("*.swift",),
        ("Package.swift", "*.xcodeproj/project.pbxproj", "Podfile", "project.yml", "Project.swift"),
        (r"\A(?![\s\S]*(?:executableTarget|\.executable\(|vapor/vapor|hummingbird))", _APPLE),
    ),
    _Kind(("*.[ch]", "*.cc", "*.cpp", "*.cxx", "*.h[hp]p"), ("*.ino", "platformio.ini"), ("",)),
    _Kind(
        ("*.cs",),
        ("ProjectSettings/ProjectVersion.txt",),
        (r"^m_EditorVersion:",),
        r"Assets/(?!(?:.*/)?Editor/).*",
    ),
    _Kind(
        ("*.cs",),
        ("*.csproj",),
        (r"<UseMaui>true|-(?:android|ios|maccatalyst)\b|Sdk\.BlazorWebAssembly\b",),
    ),
)


def is_shipped(file: Path) -> bool:
    """Return whether a file is bundled for browsers, or becomes a part of an app or a firmware."""
    kinds = [kind for kind in _KINDS if any(fnmatchcase(file.name, name) for name in kind.files)]
    return any(_is_part(kind, file) for kind in kinds) if kinds else is_bundled(file)


def _is_part(kind: _Kind, file: Path) -> bool:
    for folder in islice(file.parents, _MOST_FOLDERS):
        if texts := [*islice(_project_texts(folder, kind.projects), _MOST_READ)]:
            path = file.relative_to(folder)
            if not re.fullmatch(kind.inside, path.as_posix(), re.DOTALL):
                return False
            return any(all(_has(text, sign, path) for sign in kind.signs) for text in texts)
        if os.path.lexists(folder / ".git"):
            break
    return False


def _has(text: str, sign: str, path: Path) -> bool:
    words = {"PATH": path.as_posix(), "FOLDER": path.parent.as_posix()}
    sign = re.sub("PATH|FOLDER", lambda word: re.escape(words[word[0]]), sign)
    return re.search(sign, text, re.MULTILINE) is not None


def _project_texts(folder: Path, projects: tuple[str, ...]) -> Iterator[str]:
    names: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        names = sorted(entry.name for entry in islice(entries, _MOST_IN_FOLDER))
    for project in projects:
        first, _, rest = project.partition("/")
        for name in (name for name in names if fnmatchcase(name, first)):
            with suppress(OSError, SettingsError):
                yield read_own_file(folder / name / rest, _LARGEST_PROJECT).decode("utf-8", "replace")
