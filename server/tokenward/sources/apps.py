"""Decides by a project's files whether code is shipped: in an app, to its users, or in a board's firmware."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from tokenward.errors import SettingsError
from tokenward.fast_dataclasses import dataclass
from tokenward.setting_files import read_own_file
from tokenward.sources.package_json import MOST_FOLDERS, is_bundled

_MOST_ENTRIES = 1_000
_MOST_READ = 4
_LARGEST = 1_000_000
_TESTS_AND_TOOLS = r"(?!(?i:.*/)?(?i:backend|build-?tools|scripts?|server|tools?)/)"


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
    for folder in islice(file.parents, MOST_FOLDERS):
        if texts := [*islice(_texts(folder, kind.projects), _MOST_READ)]:
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


def _texts(folder: Path, projects: tuple[str, ...]) -> Iterator[str]:
    names: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        names = sorted(entry.name for entry in islice(entries, _MOST_ENTRIES))
    for project in projects:
        first, _, rest = project.partition("/")
        for name in (name for name in names if fnmatchcase(name, first)):
            with suppress(OSError, SettingsError):
                yield read_own_file(folder / name / rest, _LARGEST).decode("utf-8", "replace")
