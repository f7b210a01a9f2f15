"""Packs a bundle with its interpreter as a program that needs nothing installed: the same bytes each time."""

from __future__ import annotations

import gzip
import io
import tarfile
import time
import zipfile
from importlib import resources
from pathlib import Path

POSIX = """\
#!/bin/sh
# Starts Tokenward with the Python beside this file.
file=$0
[ ! -L "$file" ] || file=$(readlink -f "$file")
exec "${file%/*}/python/bin/python3" -I -S "${file%/*}/launch.py" "$@"
"""
AGENT_SHELL = POSIX.replace("-I -S", "-I -S -X agent-shell")
WINDOWS = """\
import os, runpy, sys
runpy.run_path(os.path.join(os.path.dirname(sys.argv[0]), "launch.py"), run_name="__main__")
"""
LAUNCHERS = {"win32-x64": "t64.exe", "win32-arm64": "t64-arm.exe"}


def standalone(bundled: Path, target: str, out: Path, moment: int) -> Path:
    """Write the archive of a target's program, with all files of one time in seconds, and return it."""
    name = f"tokenward-{target}"
    files = {path.relative_to(bundled).as_posix(): path for path in bundled.rglob("*") if path.is_file()}
    del files["probe.py"]
    if target in LAUNCHERS:
        archive = out / f"{name}.zip"
        contents = {f"{name}/{inner}": path.read_bytes() for inner, path in files.items()}
        write_zip(archive, {**contents, f"{name}/tokenward.exe": windows_program(target, moment)}, moment)
        return archive
    archive = out / f"{name}.tar.gz"
    content = {inner: (path.read_bytes(), path.stat().st_mode & 0o755) for inner, path in files.items()}
    content["tokenward"] = (POSIX.encode(), 0o755)
    content["tokenward-agent-shell"] = (AGENT_SHELL.encode(), 0o755)
    with (
        gzip.GzipFile("", "wb", 9, archive.open("wb"), mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as opened,
    ):
        for inner, (data, mode) in sorted(content.items()):
            entry = tarfile.TarInfo(f"{name}/{inner}")
            entry.size, entry.mode, entry.mtime = len(data), mode, moment
            opened.addfile(entry, io.BytesIO(data))
    return archive


def windows_program(target: str, moment: int) -> bytes:
    """Return the program, as pip makes them: a launcher that finds the Python beside it."""
    stub = (resources.files("distlib") / LAUNCHERS[target]).read_bytes()
    packed = io.BytesIO()
    write_zip(packed, {"__main__.py": WINDOWS.encode()}, moment)
    return stub + b"#!<launcher_dir>\\python\\python.exe -I -S\r\n" + packed.getvalue()


def write_zip(place: Path | io.BytesIO, contents: dict[str, bytes], moment: int) -> None:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for name, data in sorted(contents.items()):
            opened.writestr(zipfile.ZipInfo(name, time.gmtime(moment)[:6]), data, zipfile.ZIP_DEFLATED)
