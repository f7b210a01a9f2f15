"""Makes the Windows on which tests run under Wine, once: a prefix with Python's embeddable builds and locked packages.

python scripts/windows.py
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
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ROOT / "tests" / "windows" / "python.txt"
PACKAGES = ROOT / "requirements" / "dev.txt"
LEFT_OUT = {
    *(
        "ast-serialize",
        "editables",
        "greenlet",
        "grimp",
        "hatchling",
        "import-linter",
        "librt",
        "mypy",
        "ruff",
    ),
    *(
        "mypy-extensions",
        "nh3",
        "playwright",
        "readme-renderer",
        "trove-classifiers",
        "twine",
        "uv",
        "zizmor",
    ),
}
"""Packages of the checks, of the build and of a browser's tests, which are large."""
OLDER = "312"
"""The Python that has no packages and starts only the extension's bundle."""
NEWER = "313"
_MOUNTS = r"HKLM\System\CurrentControlSet\Services\MountMgr"
"""The service that names volumes. Python's `stat` asks it for a number twice, which takes most of an import's time."""

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tokenward-test"
_INPUTS = b"".join(path.read_bytes() for path in (PYTHONS, PACKAGES, Path(__file__)))
PLACE = _CACHE / f"windows-{hashlib.sha256(_INPUTS).hexdigest()[:12]}"

IS_POSSIBLE = sys.platform == "linux" and platform.machine() == "x86_64" and bool(shutil.which("wine"))
WHY_NOT = (
    "needs Wine on x86-64 Linux, and its Python where scripts/set-up.sh puts it; Windows runs the other tests"
)


def main() -> None:
    if PLACE.exists() or not IS_POSSIBLE:
        return
    print(
        f"set-up: making a Windows with Python in {PLACE} (1 GB), which takes about a minute.",
        file=sys.stderr,
    )
    _CACHE.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{PLACE.name}.", dir=_CACHE))
    try:
        run(["wineboot", "-i"], environment(made))
        run(
            ["wine", "reg", "add", _MOUNTS, "/v", "Start", "/t", "REG_DWORD", "/d", "4", "/f"],
            environment(made),
        )
        run(["wineserver", "-w"], environment(made))
        for line in re.findall(r"^[a-z].*", PYTHONS.read_text("utf-8"), re.MULTILINE):
            unpack_python(line, made)
        install_packages(made)
        made.rename(PLACE)
    except OSError:
        if not PLACE.exists():  # nobody else was faster
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def environment(place: Path = PLACE) -> dict[str, str]:
    """Return the environment of programs under Wine, without the user's own Python settings."""
    # Wine 10 aborts with some values of TMPDIR, and needs none.
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    return {
        **kept,
        "WINEPREFIX": str(place),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
        "LC_ALL": "C.UTF-8",
    }


def run(command: list[str], variables: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        sys.exit(f"set-up: {command[0]} failed:\n{done.stdout}{done.stderr}")


def unpack_python(line: str, place: Path) -> None:
    """Download a locked archive of embeddable Pythons, and unpack the one of this release."""
    with tempfile.TemporaryDirectory() as scratch:
        lock = Path(scratch, "lock.txt")
        lock.write_text(line, "utf-8")
        # The archive's own program, which pip starts after checking the hash, only unpacks the same data.
        download = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        download += ["--no-binary", ":all:", "--no-build-isolation", "--require-hashes", "-r", str(lock)]
        run([*download, "-d", scratch])
        [archive] = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            [data] = [one for one in opened.getmembers() if one.name.endswith("/data.zip")]
            content = opened.extractfile(data)
            assert content is not None
            packed = zipfile.ZipFile(io.BytesIO(content.read()))
    minor = "".join(re.findall(r"==(\d+)\.(\d+)", line)[0])
    for name in packed.namelist():
        if name.startswith(f"cp{minor}/") and not name.endswith("/"):
            target = place / "drive_c" / f"Python{minor}" / name.partition("/")[2]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(packed.read(name))


def install_packages(place: Path) -> None:
    home = place / "drive_c" / f"Python{NEWER}"
    # Without this file, Python has the import path of an installed one, and reads PYTHONPATH.
    (home / f"python{NEWER}._pth").unlink()
    locked = re.split(r"(?m)^(?=[a-z])", PACKAGES.read_text("utf-8"))
    wanted = [one for one in locked if re.split(r"[=\s]", one, maxsplit=1)[0] not in LEFT_OUT]
    chosen = place / "packages.txt"
    chosen.write_text("".join(wanted), "utf-8")
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--python-platform", "x86_64-pc-windows-msvc", "--python-version", f"{NEWER[0]}.{NEWER[1:]}"]
    command += ["--only-binary", ":all:", "--link-mode", "copy", "-r", str(chosen)]
    run([*command, "--target", str(home / "Lib" / "site-packages")])


if __name__ == "__main__":
    main()
