"""The parts of a self-contained build: which interpreter, what of it, and the same bytes twice."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import re
import shutil
import site
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import c_library
import interpreters
import standalone
from bundle import NOTICES, PLATFORMS, write_notices
from elf import without_symbols

POSIX = {
    "bin/python3.13": "python3.13 of libpython3.13.so.1.0",
    "bin/pip3": "",
    "lib/libpython3.13.so.1.0": "",
    "lib/libtk9.so": "",
    "lib/pkgconfig/python.pc": "",
    **{
        f"lib/python3.13/{name}": ""
        for name in (
            *("os.py", "json/__init__.py", "json/__pycache__/__init__.cpython-313.pyc", "LICENSE.txt"),
            *(
                "lib-dynload/_ssl.so",
                "lib-dynload/_testcapi.so",
                "lib-dynload/_tkinter.so",
                "unittest/case.py",
            ),
            *(
                "test/regrtest.py",
                "site-packages/pip/__init__.py",
                "config-3.13-x/libpython3.13.a",
                "turtle.py",
            ),
        )
    },
}
WINDOWS = {
    "Include/Python.h": "",
    **dict.fromkeys(
        ("python.exe", "pythonw.exe", "python313.dll", "python313._pth", "libs/python313.lib"), ""
    ),
    **dict.fromkeys(("DLLs/_ssl.pyd", "DLLs/tcl86t.dll", "DLLs/_tkinter.pyd", "DLLs/libcrypto-3.dll"), ""),
    **dict.fromkeys(("Lib/os.py", "Lib/test/regrtest.py", "Lib/site-packages/pip/__init__.py"), ""),
}
KEPT = {
    "posix": {
        *("bin/python3", "lib/libpython3.13.so.1.0"),
        *(
            f"lib/python3.13/{name}"
            for name in ("os.py", "json/__init__.py", "LICENSE.txt", "unittest/case.py")
        ),
        *(f"lib/python3.13/{name}" for name in ("lib-dynload/_ssl.so", "site-packages/tokenward.pth")),
    },
    "windows": {
        *("python.exe", "python313.dll", "DLLs/_ssl.pyd", "DLLs/libcrypto-3.dll"),
        *("Lib/os.py", "Lib/site-packages/tokenward.pth"),
    },
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_platform_has_a_locked_interpreter_of_one_release() -> None:
    locked = interpreters.locked()
    assert set(locked) == set(PLATFORMS)
    assert len({name.split("-")[1] for name, _ in locked.values()}) == 1
    assert all(len(bytes.fromhex(digest)) == 32 for _, digest in locked.values())


def test_no_archive_is_unpacked_but_the_locked_one() -> None:
    digest = hashlib.sha256(b"right").hexdigest()
    assert interpreters.checked(b"right", "a.tar.gz", digest) == b"right"
    with pytest.raises(SystemExit, match=r"a\.tar\.gz is not the file"):
        interpreters.checked(b"wrong", "a.tar.gz", digest)


@pytest.mark.parametrize(("system", "files"), [("posix", POSIX), ("windows", WINDOWS)])
def test_an_interpreter_brings_what_tokenward_uses_and_finds_the_bundle(
    system: str, files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = write(tmp_path / "bundled", {"libs/tokenward/__init__.py": ""})
    interpreters.install(write(tmp_path / "source", files), bundled)
    assert below(bundled / "python") == KEPT[system]
    monkeypatch.setattr(sys, "path", [])
    [packages] = (bundled / "python").rglob("site-packages")
    site.addsitedir(str(packages))
    assert sys.path == [str(packages), str(bundled / "libs")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no ELF files")
@pytest.mark.parametrize("module", ["tree_sitter._binding", "kingfisher_sdk._native", "_cffi_backend"])
def test_a_library_without_symbols_works_as_before(module: str, tmp_path: Path) -> None:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    before = Path(spec.origin).read_bytes()
    after = without_symbols(before)
    assert len(after) <= len(before)
    assert without_symbols(after) == after
    library = tmp_path / Path(spec.origin).name
    library.write_bytes(after)
    ctypes.CDLL(str(library))


BUSYBOX = shutil.which("busybox")
IS_STATIC = BUSYBOX is not None and b"/ld-" not in Path(BUSYBOX).read_bytes()
ALPINE = """
import os, ssl, sqlite3, subprocess, sys, ctypes
print(sys.executable, sys.prefix, ctypes.CDLL(None).gnu_get_libc_version is not None, sep="|")
print(subprocess.run([sys.executable, "-I", "-c", "import sys; print(sys.executable)"], capture_output=True).stdout)
print(b"LD_" in subprocess.run(["/bin/env"], capture_output=True, check=True).stdout)
"""


@pytest.mark.skipif(
    interpreters.TARGET_HERE != "linux-x64" or not IS_STATIC or not Path("/usr/share/doc/libc6").exists(),
    reason="needs a Debian's C library for x86-64, and its busybox-static",
)
def test_the_python_for_alpine_needs_no_library_of_the_system(tmp_path: Path) -> None:
    """The root folder has a static shell and nothing else; what Python starts there inherits no path of libraries."""
    assert BUSYBOX is not None
    libraries, source, root = Path(os.__file__).parent, tmp_path / "source", tmp_path / "root"
    for folder in (source / "bin", source / "lib", root / "bin"):
        folder.mkdir(parents=True)
    (source / "bin" / libraries.name).symlink_to(Path(sys.executable).resolve())
    (source / "lib" / libraries.name).symlink_to(libraries)
    for shared in libraries.parent.glob("libpython3.*.so.*"):
        (source / "lib" / shared.name).symlink_to(shared)
    c_library.add(source)
    interpreters.install(source, root / "opt" / "a b")
    for name in ("sh", "env", "readlink"):
        shutil.copy(BUSYBOX, root / "bin" / name)
    python = "/opt/a b/python/bin/python3"
    within = ["unshare", "--map-root-user", f"--root={root}", "--", python, "-I", "-c", ALPINE]
    done = subprocess.run(within, check=False, capture_output=True, text=True, env={"HOME": "/"})
    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"{python}|/opt/a b/python|True", f"b'{python}\\n'", "False"]
    inside = root / "opt" / "a b" / "python" / "system"
    assert {path.name for path in inside.iterdir()} >= {*c_library.BUNDLE, c_library.LOADER, "LGPL-2.1.txt"}
    write_notices(root / "opt" / "a b")
    assert re.search(
        r"^libc6 \S+, unchanged; its source", (root / "opt/a b" / NOTICES).read_text("utf-8"), re.MULTILINE
    )


@pytest.mark.parametrize("file", [b"", b"MZ\x90", b"\x7fELF\x01\x01", b"\xcf\xfa\xed\xfe"])
def test_what_is_no_elf_file_of_64_bits_stays_as_it_is(file: bytes) -> None:
    assert without_symbols(file) == file


LAUNCH = Path(__file__).parent.parent / "client-vscode" / "bundled" / "launch.py"
PYTHON = f'#!/bin/sh\nexec {sys.executable} "$@"\n'


def program(folder: Path) -> Path:
    """Make a bundle with an interpreter, which prints what it is started with."""
    python = '#!/bin/sh\nprintf "%s\\n" "$@"\n'
    write(folder, {"launch.py": "", "probe.py": "", "libs/a.py": "a", "python/bin/python3": python})
    (folder / "python" / "bin" / "python3").chmod(0o755)
    return folder


@pytest.mark.parametrize("target", ["linux-x64", "win32-x64"])
def test_a_program_has_the_same_bytes_whenever_it_is_packed(target: str, tmp_path: Path) -> None:
    packed = []
    for turn, place in enumerate((tmp_path / "a", tmp_path / "b")):
        folder = program(place / "bundled")
        os.utime(folder / "launch.py", (turn, turn))
        packed.append(standalone.standalone(folder, target, place, 1_700_000_000).read_bytes())
    assert packed[0] == packed[1]


@pytest.mark.skipif(os.name == "nt", reason="a shell script for POSIX systems")
def test_the_program_starts_the_python_beside_it_from_any_folder_and_link(tmp_path: Path) -> None:
    archive = standalone.standalone(program(tmp_path / "bundled"), "linux-x64", tmp_path, 1_700_000_000)
    place = tmp_path / "a b"
    with tarfile.open(archive) as opened:
        opened.extractall(place, filter="data")
    started = place / "tokenward-linux-x64" / "tokenward"
    link = tmp_path / "tokenward"
    link.symlink_to(started)
    assert not (started.parent / "probe.py").exists()
    for command in (started, link):
        done = subprocess.run([command, "run", "--", "*"], check=True, capture_output=True, text=True)
        assert done.stdout.splitlines() == ["-I", "-S", f"{started.parent}/launch.py", "run", "--", "*"]


STARTED = """
import sys
def main(): print("main", *sys.argv, sep="|")
def agent_shell(): print("agent_shell", *sys.argv, sep="|")
"""


@pytest.mark.skipif(os.name == "nt", reason="a shell script for POSIX systems")
def test_the_program_for_agents_shells_runs_a_line_and_the_other_a_verb(tmp_path: Path) -> None:
    bundled = program(tmp_path / "bundled")
    shutil.copy(LAUNCH, bundled)
    write(bundled, {"libs/tokenward/cli/main.py": STARTED, "python/bin/python3": PYTHON})
    archive = standalone.standalone(bundled, "linux-x64", tmp_path, 1_700_000_000)
    place = tmp_path / "a b"
    with tarfile.open(archive) as opened:
        opened.extractall(place, filter="data")
    started = place / "tokenward-linux-x64" / "tokenward"
    for end, entry in (("", "main"), ("-agent-shell", "agent_shell")):
        link = tmp_path / f"tokenward{end}"
        link.symlink_to(f"{started}{end}")
        for command in (f"{started}{end}", link):
            done = subprocess.run([command, "echo 'a  b' -X *"], check=True, capture_output=True, text=True)
            assert done.stdout.splitlines() == [f"{entry}|{started}|echo 'a  b' -X *"]


def test_the_program_for_windows_is_a_launcher_of_the_python_beside_it(tmp_path: Path) -> None:
    archive = standalone.standalone(program(tmp_path / "bundled"), "win32-arm64", tmp_path, 1_700_000_000)
    with zipfile.ZipFile(archive) as opened, opened.open("tokenward-win32-arm64/tokenward.exe") as file:
        content = file.read()
    assert content.startswith(b"MZ")
    assert b"#!<launcher_dir>\\python\\python.exe -I -S\r\n" in content


def test_the_notices_name_each_package_its_licence_and_a_text_that_is_inside(tmp_path: Path) -> None:
    """A package without any licence ends the build."""
    info = "libs/rich-1.0.dist-info"
    headers = "Name: rich\nVersion: 1.0\nLicense-Expression: MIT\n"
    files = {
        f"{info}/METADATA": headers,
        f"{info}/licenses/LICENSE": "",
        "python/lib/python3.13/LICENSE.txt": "",
    }
    write_notices(write(tmp_path, files))
    assert (tmp_path / NOTICES).read_text("utf-8").splitlines()[2:] == [
        "rich 1.0: MIT",
        f"  {info}/licenses/LICENSE",
        "Python: PSF-2.0, and the licences of the libraries inside it",
        "  python/lib/python3.13/LICENSE.txt",
    ]
    write(tmp_path, {"libs/odd-2.0.dist-info/METADATA": "Name: odd\nVersion: 2.0\n"})
    with pytest.raises(SystemExit, match="odd has no licence"):
        write_notices(tmp_path)
