"""Bundles the server and its dependencies into one folder, for one platform and every supported Python."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from compile_rules import MADE_FROM, TAG
from elf import without_symbols
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "bundle.txt"
BASE, NEWER = "3.11", ("3.12", "3.13", "3.14")
"""The base is resolved for this version and also serves the newer ones."""
NATIVE = re.compile(r"\.(?:cpython-|cp)3\d+[^/]*\.(?:so|pyd)$")
"""The suffix of a module for one Python version only."""
LEFT_OUT = re.compile(
    r"(?:^|/)(?:bin|tests?|testing|sboms|__pycache__|\.[^/]*)/|(?:^|/)\.[^/]*$|/py\.typed$"
    r"|\.(?:pyi|pyc|c|h|scm|bash|zsh)$"
    # The lexers that rich itself needs are enough.
    r"|^pygments/lexers/(?!__init__|_mapping|python|special|text)"
    r"|\.dist-info/(?:RECORD|INSTALLER|REQUESTED|WHEEL|direct_url\.json|uv_cache\.json|zip-safe|top_level\.txt)$"
)
KEPT_HEADERS = re.compile(
    r"^(?:(?:Metadata-Version|Name|Version|Author|License)[\w-]*: .*|Classifier: License :: .*)$",
    re.MULTILINE,
)
LICENCE_TEXT = re.compile(r"(?i)licen[cs]e|copying|notice|authors")


@dataclass(frozen=True)
class Platform:
    """A platform: its names in VS Code and uv, and its values for requirement markers."""

    target: str
    uv: str
    system: str
    machine: str


PLATFORMS = {
    platform.target: platform
    for platform in (
        Platform("linux-x64", "x86_64-manylinux_2_28", "linux", "x86_64"),
        Platform("alpine-x64", "x86_64-manylinux_2_28", "linux", "x86_64"),
        Platform("linux-arm64", "aarch64-manylinux_2_28", "linux", "aarch64"),
        Platform("darwin-x64", "x86_64-apple-darwin", "darwin", "x86_64"),
        Platform("darwin-arm64", "aarch64-apple-darwin", "darwin", "arm64"),
        Platform("win32-x64", "x86_64-pc-windows-msvc", "win32", "AMD64"),
        Platform("win32-arm64", "aarch64-pc-windows-msvc", "win32", "ARM64"),
    )
}


def bundle(platform: Platform, server: Path, folder: Path, rules: Path | None) -> None:
    """Create the bundle in `libs` below a folder, with rules that were compiled for the platform, if any."""
    libraries = folder / "libs"
    base = pins(platform, BASE)
    install(base.values(), platform, BASE, libraries)
    with zipfile.ZipFile(server) as wheel:
        wheel.extractall(libraries)
    if rules is not None:
        shutil.copytree(
            rules, libraries / "tokenward" / "compiled", ignore=shutil.ignore_patterns(MADE_FROM, TAG)
        )
    bound = bound_to_version(libraries, base)
    for version in NEWER:
        add_native(bound, platform, version, libraries)
    strip(libraries)


NOTICES = "THIRD-PARTY-NOTICES.txt"


def write_notices(bundled: Path) -> None:
    """Write which software of others a bundle holds, under which licence, and where below it each text is.

    Exits if a package has neither a licence nor the text of one.
    """
    lines = [
        "Tokenward contains software of others. Their licences, and the files of this folder with the texts:",
        "",
    ]
    for metadata in sorted(bundled.glob("libs/*.dist-info/METADATA")):
        headers = metadata.read_text("utf-8")
        name, version = (
            re.findall(rf"^{key}: (.+)$", headers, re.MULTILINE)[0] for key in ("Name", "Version")
        )
        if name == "tokenward":
            continue
        licences = re.findall(r"^License(?:-Expression)?: (.+)$", headers, re.MULTILINE)
        licences += re.findall(r"^Classifier: License :: (?:OSI Approved :: )?(.+)$", headers, re.MULTILINE)
        texts = [path for path in sorted(metadata.parent.rglob("*")) if LICENCE_TEXT.search(path.name)]
        if not (licences or texts):
            sys.exit(f"make vsix: {name} has no licence; see which it has, and add it.")
        lines.append(f"{name} {version}: {licences[0] if licences else 'see the text'}")
        lines += [f"  {path.relative_to(bundled).as_posix()}" for path in texts if path.is_file()]
    for path in sorted(bundled.glob("python/**/LICENSE.txt")):
        lines += [
            "Python: PSF-2.0, and the licences of the libraries inside it",
            f"  {path.relative_to(bundled).as_posix()}",
        ]
    for path in sorted(bundled.glob("python/system/LICENSE-*.txt")):
        lines += [path.read_text("utf-8").partition("\n")[0], f"  {path.relative_to(bundled).as_posix()}"]
    (bundled / NOTICES).write_text("\n".join(lines) + "\n", "utf-8")


def pins(platform: Platform, version: str) -> dict[str, str]:
    """Return the lock file's entries for a platform and Python version, by package name."""
    here = {
        "sys_platform": platform.system,
        "platform_machine": platform.machine,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[platform.system],
        "os_name": "nt" if platform.system == "win32" else "posix",
        "python_version": version,
        "python_full_version": f"{version}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    entries = re.split(r"^(?=[\w.-]+==)", LOCK.read_text("utf-8"), flags=re.MULTILINE)[1:]
    parsed = ((Requirement(entry.split("\\")[0]), entry) for entry in entries)
    return {
        required.name: entry
        for required, entry in parsed
        if required.marker is None or required.marker.evaluate(here)
    }


def install(entries: Iterable[str], platform: Platform, version: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "requirements.txt"
        wanted.write_text("".join(entries), "utf-8")
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
        command += ["--python-platform", platform.uv, "--python-version", version]
        # Copies, so that stripping and changing modes does not modify uv's cache.
        command += [
            "--target",
            str(folder),
            "--link-mode",
            "copy",
            "--no-deps",
            "--no-build",
            "--require-hashes",
        ]
        subprocess.run([*command, "-r", wanted], check=True)


def bound_to_version(libraries: Path, entries: dict[str, str]) -> list[str]:
    """Return the entries whose packages hold modules for one Python version only."""
    return [entry for name, entry in entries.items() if any(map(NATIVE.search, recorded(libraries, name)))]


def recorded(libraries: Path, name: str) -> Iterator[str]:
    """Yield the paths of the files that a package installed."""
    pattern = re.sub(r"[-_.]+", "[-_.]", name)
    for record in libraries.glob(f"{pattern}-*.dist-info/RECORD"):
        for line in record.read_text("utf-8").splitlines():
            yield line.rsplit(",", 2)[0]


def add_native(entries: list[str], platform: Platform, version: str, libraries: Path) -> None:
    """Add another Python version's variants of the base's native modules."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        install(entries, platform, version, folder)
        for file in folder.rglob("*"):
            if NATIVE.search(file.name):
                shutil.copy(file, libraries / file.relative_to(folder))


def strip(folder: Path) -> None:
    """Remove files that are not needed at run time, and traces of the install location."""
    for file in sorted(folder.rglob("*"), reverse=True):
        if file.is_dir():
            if not any(file.iterdir()):
                file.rmdir()
        elif LEFT_OUT.search(file.relative_to(folder).as_posix()):
            file.unlink()
        elif file.name == "METADATA":
            headers = file.read_text("utf-8").partition("\n\n")[0]
            file.write_text("\n".join(KEPT_HEADERS.findall(headers)) + "\n", "utf-8")
        elif file.suffix == ".so":
            file.write_bytes(without_symbols(file.read_bytes()))
