"""The Pythons inside self-contained builds: downloads the locked ones, and puts the used parts beside a bundle.

python scripts/interpreters.py PLACE [TARGET …]    downloads each to PLACE/TARGET
python scripts/interpreters.py PLACE --here        copies this Python instead, to try a build without a download
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import c_library
from elf import without_symbols

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "interpreters.lock"
ADDRESS = "https://github.com/astral-sh/python-build-standalone/releases/download/{release}/{name}"
TARGET_HERE = f"{sys.platform}-{'arm64' if platform.machine().lower() in {'arm64', 'aarch64'} else 'x64'}"

LEFT_OUT = re.compile(
    r"^(?:site-packages|dist-packages|test|tests|tkinter|idlelib|turtledemo|ensurepip|lib2to3|pydoc_data|config-[^/]*"
    r"|curses|distutils|wsgiref|xmlrpc)/"
    r"|(?:^|/)__pycache__/|^(?:turtle|sitecustomize|doctest|mailbox)\.py$|\.(?:a|lib|pdb|exe|sh)$"
    r"|(?:^|/)(?:_tkinter|_test\w*|_xxtest\w*|_ctypes_test|xxlimited\w*|_curses\w*|audioop|_lsprof)\.[^/]*$|^(?:tcl|tk|zlib1)[^/]*\.dll$"
)
"""What Tokenward does not use, by its path below the folder of the standard library or of libraries of Windows."""


def main() -> None:
    place, *targets = sys.argv[1:]
    for target in locked() if not targets else [] if targets == ["--here"] else targets:
        unpack(download(*locked()[target]), Path(place, target))
    if targets == ["--here"]:
        targets = [TARGET_HERE, *([c_library.TARGET] if TARGET_HERE == "linux-x64" else [])]
        for target in targets:
            copy_of_this(Path(place, target))
    if c_library.TARGET in (targets or locked()):
        c_library.add(Path(place, c_library.TARGET))


def locked() -> dict[str, tuple[str, str]]:
    """Return the name and the SHA-256 of each target's archive."""
    lines = [line.split() for line in LOCK.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {target: (name, digest) for target, name, digest in lines}


def download(name: str, digest: str) -> bytes:
    """Return an archive; exit if it is not the locked one."""
    [release] = re.findall(r"\+(\d+)-", name)
    address = ADDRESS.format(release=release, name=name.replace("+", "%2B"))
    with urllib.request.urlopen(address, timeout=300) as answer:
        content: bytes = answer.read()
    return checked(content, name, digest)


def checked(content: bytes, name: str, digest: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != digest:
        sys.exit(f"make release: {name} is not the file that {LOCK.name} names; nothing was built.")
    return content


def unpack(content: bytes, folder: Path) -> None:
    """Unpack an archive, whose files are all in the folder `python`."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder.parent, filter="data")
    shutil.rmtree(folder, ignore_errors=True)
    (folder.parent / "python").rename(folder)


def copy_of_this(folder: Path) -> None:
    """Copy this Python in the layout of a downloaded one; it still needs the libraries of this system."""
    libraries = Path(os.__file__).parent
    shutil.copytree(libraries, folder / "lib" / libraries.name)
    for shared in libraries.parent.glob("libpython3.*.so.*"):
        shutil.copy(shared, folder / "lib")
    (folder / "bin").mkdir()
    shutil.copy(Path(sys.executable).resolve(), folder / "bin" / libraries.name)


def install(source: Path, bundled: Path) -> None:
    """Put the needed parts of an interpreter into `python`, beside a bundle's `libs`.

    The folder of an embeddable Python of Windows is taken too. Below it, `python -I` finds the bundle.
    """
    folder = bundled / "python"
    is_windows = (source / "python.exe").exists()
    for path in needed(source, is_windows=is_windows):
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(without_symbols(path.read_bytes()))
    if is_windows:
        packages = folder / "Lib" / "site-packages"
    else:
        [built] = (folder / "bin").iterdir()
        packages = folder / "lib" / built.name / "site-packages"
        built.rename(built.with_name("python3")).chmod(0o755)
        c_library.install(source, bundled)
    packages.mkdir(parents=True)
    libraries = os.path.relpath(bundled / "libs", packages)
    (packages / "tokenward.pth").write_text(libraries + "\n", "utf-8")


def needed(source: Path, *, is_windows: bool) -> Iterator[Path]:
    """Yield the files of an interpreter that a bundle needs."""
    if is_windows:
        yield source / "python.exe"
        yield from (path for path in source.iterdir() if re.search(r"(?i)\.(?:dll|pyd|zip|txt)$", path.name))
        folders = [source / "Lib", source / "DLLs"]
    else:
        [program] = [path for path in (source / "bin").iterdir() if re.fullmatch(r"python3\.\d+", path.name)]
        yield program
        # The program may be linked to its library, or hold all of it.
        shared = [path for path in (source / "lib").glob("libpython*") if not path.is_symlink()]
        yield from (path for path in shared if path.name.encode() in program.read_bytes())
        folders = [source / "lib" / program.name]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not LEFT_OUT.search(path.relative_to(folder).as_posix()):
                yield path


def compile_modules(bundled: Path, place: Path) -> None:
    """Compile a bundle and its interpreter's modules, because at the first start their folder may not be writable.

    The interpreter of this machine compiles for all, which have its version. Python does not compare what it
    compiled with a source, so that no time of change matters.
    """
    [python] = (place / TARGET_HERE / "bin").glob("python3.*[0-9]")
    options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(bundled), "-p", "tokenward"]
    command: list[str | Path] = [python, "-P", "-S", "-m", "compileall", *options]
    # The standard library needs no source; `libs` is for other Pythons too.
    for words in (["-b", bundled / "python"], [bundled / "libs"]):
        # Otherwise a random number decides on the order of a set, and so on the bytes.
        subprocess.run([*command, *words], check=True, env={"PYTHONHASHSEED": "0"})
    for source in (bundled / "python").rglob("*.py"):
        source.unlink()


if __name__ == "__main__":
    main()
