"""The other tests of this folder under Wine, and the extension's server for Windows under two Pythons."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import tokenward
import windows

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1800.0
"""Seconds, for a machine that does much else: alone, it takes four minutes."""
pytestmark = [
    pytest.mark.skipif(not (windows.IS_POSSIBLE and windows.PLACE.exists()), reason=windows.WHY_NOT),
    pytest.mark.timeout(LIMIT),
]


def drive(path: Path) -> str:
    """Return the name of a file of this system under Wine."""
    return "Z:" + str(path).replace("/", "\\")


def python(version: str) -> str:
    return f"C:\\Python{version}\\python.exe"


def wine(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a program under Wine, by the tests' own Python with the sources as they are."""
    # The last folder holds what Wine lacks, which Python loads at its start.
    variables = {
        **windows.environment(),
        "PYTHONPATH": ";".join(
            map(drive, (ROOT / "server", ROOT / "tests", ROOT / "tests" / "windows" / "wine"))
        ),
        "PYTHONPYCACHEPREFIX": "C:\\compiled",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.run(
        ["wine", *words],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=LIMIT,
        check=False,
    )


def test_what_differs_on_windows_works() -> None:
    here, name = ROOT / "tests" / "windows", ROOT.name
    place = windows.PLACE / "drive_c" / "t" / name
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(exist_ok=True)
    options = [f"--confcutdir={drive(here)}", f"--rootdir={drive(ROOT)}", f"--basetemp=C:\\t\\{name}"]
    options += ["-q", "--durations=15", f"-c={drive(here / 'wine' / 'pytest.ini')}"]
    done = wine(python(windows.NEWER), "-m", "pytest", *options, drive(here))
    assert done.returncode == 0, done.stdout
    shutil.rmtree(place, ignore_errors=True)


def test_the_extensions_server_starts_under_two_pythons() -> None:
    target = "win32-x64"
    dist = ROOT / "dist"
    if not (dist / f"tokenward-{target}-{tokenward.__version__}.vsix").exists():
        pytest.skip("the extension is not built: make vsix")
    script = drive(ROOT / "scripts" / "try_vsix.py")
    pythons = [python(version) for version in (windows.NEWER, windows.OLDER)]
    done = wine(pythons[0], script, drive(dist), target, *pythons)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("server tokenward") == 2, done.stdout
