"""The C library inside the build for Alpine Linux, because that of the system (musl) cannot load the engine.

It is the one of the machine that builds, a Debian or Ubuntu, unchanged. Only the Python inside loads it: its loader is
started by name, so that no variable changes what the programs that Tokenward starts load.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

TARGET = "alpine-x64"
FOLDER = "system"
LOADER = "ld-linux-x86-64.so.2"
BUNDLE = (
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libgcc_s.so.1",
    "libstdc++.so.6",
)
"""The libraries that modules in the bundle need."""
PACKAGES = ("libc6", "libgcc-s1", "libstdc++6")
TEXTS = ("LGPL-2.1", "GPL-3")
VERSIONS = "${Package} ${Version}, unchanged; its source is ${source:Package} ${source:Version} of the same system\\n"
PYTHON = f"""\
#!/bin/sh
# Starts the Python in ../{FOLDER} with the C library beside it, which a system with musl lacks.
file=$0
[ ! -L "$file" ] || file=$(readlink -f "$file")
system=${{file%/*}}/../{FOLDER}
exec "$system/{LOADER}" --inhibit-cache --library-path "$system" --argv0 "$file" "$system/python3" "$@"
"""


def add(interpreter: Path) -> None:
    """Put what an interpreter and a bundle load from this machine into the interpreter's folder, with the licences."""
    place = interpreter / FOLDER
    place.mkdir()
    loader = Path("/lib64", LOADER).resolve()
    loading = [*interpreter.glob("bin/python3.*[0-9]"), *interpreter.glob("lib/libpython3*.so*")]
    loading += interpreter.glob("lib/python3*/lib-dynload/*.so")
    listed = subprocess.run(["ldd", *loading], check=False, capture_output=True, text=True).stdout
    named = {Path(name) for name in re.findall(r"=> (/\S+) ", listed)}
    found = {path.name: path for path in named if not path.is_relative_to(interpreter.resolve())}
    for name, path in {**found, **{name: loader.parent / name for name in (*BUNDLE, LOADER)}}.items():
        shutil.copy(path, place / name)
    for package in PACKAGES:
        said = subprocess.run(["dpkg-query", "-W", "-f", VERSIONS, package], check=True, capture_output=True)
        licence = Path("/usr/share/doc", package, "copyright").read_bytes()
        (place / f"LICENSE-{package}.txt").write_bytes(said.stdout + b"\n" + licence)
    for text in TEXTS:
        shutil.copy(Path("/usr/share/common-licenses", text), place / f"{text}.txt")


def is_program(file: Path) -> bool:
    """Return whether a file of a bundle is started from here."""
    return file.parent.name == FOLDER and file.name in {LOADER, "python3"}


def install(interpreter: Path, bundled: Path) -> None:
    """Have the Python in a bundle start with the C library of its interpreter, if that has one."""
    if not (interpreter / FOLDER).exists():
        return
    python = bundled / "python"
    shutil.copytree(interpreter / FOLDER, python / FOLDER)
    program = python / "bin" / "python3"
    program.rename(python / FOLDER / "python3")
    program.write_text(PYTHON, "utf-8")
    program.chmod(0o755)
