"""The time of a credential helper's answer and its CPU time, beside those of helpers that read the same keyring.

    python benchmarks/credential_helpers.py [--times 25] [--peers FOLDER]

Each is started as git or docker starts it, in turns and in random order, with all files cached. The keyring is a
gnome-keyring on a private bus. Only peers that are on PATH or in the folder are measured: `git-credential-libsecret` is
in git's `contrib`, `docker-credential-secretservice` in Debian's `golang-docker-credential-helpers`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import keyring_session

PROGRAMS = Path(sys.executable).parent
VALUE = "a password of a benchmark"
HOST = "git.example.com"
GIT = f"protocol=https\nhost={HOST}\nusername=alice\n"
LOGIN = {"ServerURL": f"https://{HOST}", "Username": "alice", "Secret": VALUE}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=25)
    parser.add_argument("--peers", type=Path, default=Path("no folder"))
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as name, keyring_session.keyring_session() as environment:
        folder = Path(name)
        tokenward(folder, environment, ["put", "TOKEN", "--no-env"], VALUE)
        tokenward(folder, environment, ["credential", "add", f"https://{HOST}", "TOKEN", "--user", "alice"])
        helpers = dict(found(options.peers, folder, environment))
        for helper, times in measured(helpers, folder, environment, options.times).items():
            walls, processors = zip(*times, strict=True)
            last = sorted(walls)[int(len(walls) * 0.9)]
            print(
                f"{helper:45} {statistics.median(walls) * 1000:6.0f} ms, nine of ten within {last * 1000:4.0f} ms; "
                f"{statistics.median(processors) * 1000:4.0f} ms of CPU"
            )


def found(
    peers: Path, folder: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Sequence[str], str]]]:
    """Yield each helper with its command and request; a peer stores the value first."""
    yield "git-credential-tokenward get", ([str(PROGRAMS / "git-credential-tokenward"), "get"], GIT)
    yield "docker-credential-tokenward get", ([str(PROGRAMS / "docker-credential-tokenward"), "get"], HOST)
    for name, stored, request in (
        ("git-credential-libsecret", f"{GIT}password={VALUE}\n", GIT),
        ("docker-credential-secretservice", json.dumps(LOGIN), LOGIN["ServerURL"]),
    ):
        if program := shutil.which(name, path=f"{peers.absolute()}{os.pathsep}{os.environ['PATH']}"):
            answer([program, "store"], stored, folder, environment)
            yield f"{name} get", ([program, "get"], request)


def measured(
    helpers: Mapping[str, tuple[Sequence[str], str]], folder: Path, environment: Mapping[str, str], times: int
) -> dict[str, list[tuple[float, float]]]:
    """Return the seconds of each start, and those of the CPU."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in helpers}
    # The first round fills caches.
    for number in range(times + 1):
        for name in random.sample([*helpers], len(helpers)):
            start, busy = time.perf_counter(), processor()
            said = answer(*helpers[name], folder, environment)
            if number:
                seconds[name].append((time.perf_counter() - start, processor() - busy))
            assert VALUE in said, name
    return seconds


def processor() -> float:
    """Return the CPU's seconds for the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def answer(command: Sequence[str], request: str, folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, input=request, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def tokenward(folder: Path, environment: Mapping[str, str], words: Sequence[str], given: str = "") -> None:
    answer([str(PROGRAMS / "tokenward"), *words], given, folder, environment)


if __name__ == "__main__":
    main()
