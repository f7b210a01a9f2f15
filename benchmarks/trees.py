"""Source trees to scan: unpacked PyPI and npm packages in fixed versions, and generated trees.

A tree is a folder of sources, not below `node_modules` or `site-packages`, which scanners leave out. Its `.gitignore`
files are removed, so that all scanners read the same files.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

LOG_BYTES = 2_000_000
SETTLED_SECONDS = 3.0
"""A scan never caches a file that has only just been written."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree, defined by its content.

    Attributes:
        name: its name in the table.
        wheels: PyPI packages that run on every system.
        tarballs: npm packages.
        made: the number of small files to generate.
        logs: the number of logs to generate, each of 2 MB.
    """

    name: str
    wheels: tuple[str, ...] = ()
    tarballs: tuple[str, ...] = ()
    made: int = 0
    logs: int = 0

    @property
    def key(self) -> str:
        return f"{self.name}-{sha256(repr(self).encode()).hexdigest()[:8]}"


TREES = (
    Tree("python", wheels=("ansible==14.5.0", "django==6.1.3", "sqlalchemy==2.1.9")),
    Tree(
        "javascript",
        tarballs=("next@16.4.6", "monaco-editor@0.57.0", "date-fns@4.4.0", "rxjs@7.8.2", "three@0.187.0"),
    ),
    Tree(
        "cloud",
        wheels=(
            "kubernetes==37.0.2",
            "google-api-python-client==2.202.0",
            "botocore==1.44.8",
            "azure-mgmt-network==33.1.0",
        ),
        tarballs=("aws-sdk@2.1693.0",),
    ),
    Tree("home", wheels=("homeassistant==2026.2.3",)),
    Tree("made", made=100_000),
    Tree("logs", logs=58),
)


def laid(tree: Tree, cache: Path) -> Path:
    """Return the tree's folder; create it if it does not exist.

    Raises:
        CalledProcessError: a package could not be downloaded.
    """
    place = cache / "trees" / tree.key
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
            _lay(tree, Path(scratch))
            (Path(scratch) / "tree").rename(place)
        time.sleep(SETTLED_SECONDS)
    return place


def size(place: Path) -> tuple[int, int]:
    """Return the number of files and bytes."""
    sizes = [os.lstat(Path(folder, name)).st_size for folder, _, names in os.walk(place) for name in names]
    return len(sizes), sum(sizes)


def _lay(tree: Tree, scratch: Path) -> None:
    laid = scratch / "tree"
    laid.mkdir()
    for requirement in tree.wheels:
        _unpack_wheel(_wheel(requirement, scratch), laid / requirement.replace("==", "-"))
    for package in tree.tarballs:
        _unpack_tarball(_tarball(package, scratch), laid / package.replace("@", "-"))
    for number in range(tree.made):
        _make_file(laid, number)
    for number in range(tree.logs):
        _make_log(laid / f"log_{number}.{('log', 'txt', 'out')[number % 3]}", random.Random(number))
    for ignores in laid.rglob(".gitignore"):
        ignores.unlink()


def _wheel(requirement: str, scratch: Path) -> Path:
    into = scratch / "wheel"
    shutil.rmtree(into, ignore_errors=True)
    # Downloading a source package would build it.
    options = [
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--python-version",
        "3.14",
        "--platform",
        "any",
    ]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "--dest", into, requirement], check=True
    )
    return next(into.glob("*.whl"))


def _tarball(package: str, scratch: Path) -> Path:
    into = scratch / "tarball"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", into, package],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return next(into.glob("*.tgz"))


def _unpack_wheel(wheel: Path, into: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)


def _unpack_tarball(tarball: Path, into: Path) -> None:
    with tarfile.open(tarball) as archive:
        archive.extractall(into, filter="data")


def _make_file(laid: Path, number: int) -> None:
    """Write a small module that differs from all others."""
    folder = laid / f"package_{number // 1000:03}" / f"part_{number // 100 % 10}"
    if number % 100 == 0:
        folder.mkdir(parents=True)
    lines = (
        f"def step_{number}_{line}(value):\n    return value * {line} + {number}\n\n\n"
        for line in range(5 + number % 20)
    )
    (folder / f"module_{number % 100:02}.py").write_text("".join(lines))


def _make_log(path: Path, drawn: random.Random) -> None:
    """Write a log of the kinds of lines that servers, builds and packages print."""
    with path.open("w", encoding="utf-8") as log:
        while log.tell() < LOG_BYTES:
            number, word = drawn.randrange(10**6), f"{drawn.getrandbits(64):016x}"
            log.write(
                f"{number % 24:02}:{number % 60:02}:07 {drawn.choice(_LOG_LINES)}\n".format(number, word)
            )


_LOG_LINES = (
    '10.0.0.7 - - "GET /api/v1/orders/{0}?page=2 HTTP/1.1" 200 5120 "-" "curl/8.5.0"',
    '{{"level":"info","logger":"db.pool","trace_id":"{1}{1}","message":"query done","duration_ms":{0}}}',
    "INFO [http-nio-8080-exec-7] c.e.shop.OrderService - order {0} was stored in 12 ms",
    "gcc -DHAVE_CONFIG_H -I. -I../include -O2 -Wall -MT part_{0}.o -c -o part_{0}.o src/part_{0}.c",
    "silly tarball integrity sha512-{1}{1}{1}{1}==",
    "status installed lib{1}:amd64 1.2.{0}-1",
    "Collecting package-{1}==1.{0}\n  Downloading package-{1}-1.{0}-py3-none-any.whl (61 kB)",
    "sshd[{0}]: Accepted publickey for deploy from 10.0.0.9 port 50122 ssh2: ED25519 SHA256:{1}{1}",
    "\tat com.example.shop.{1}.handle(Handler.java:{0})",
)
