"""The time of a credential helper's answer and its CPU time, beside those of helpers that read the same keyring.

    python benchmarks/credential_helpers.py [--times 60] [--peers FOLDER]

Each is started as git or docker starts it, in turns and in random order, with all files cached; ours also with the
daemon. The keyring is a gnome-keyring on a private bus. Only peers that are on PATH or in the folder are measured:
`git-credential-libsecret` is made by `make` in `contrib/credential/libsecret` of git's source with Debian's
`libsecret-1-dev`, and `docker-credential-secretservice` is in its `golang-docker-credential-helpers`.
"""

from __future__ import annotations

import argparse
import contextlib
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
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import keyring_session
from tokenward import thin_client

PROGRAMS = Path(sys.executable).parent
VALUE = "a password of a benchmark"
HOST = "git.example.com"
GIT = f"protocol=https\nhost={HOST}\nusername=alice\n"
LOGIN = {"ServerURL": f"https://{HOST}", "Username": "alice", "Secret": VALUE}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--peers", type=Path, default=Path("no folder"))
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as name, keyring_session.keyring_session() as environment:
        folder = Path(name)
        tokenward(folder, environment, ["put", "TOKEN", "--no-env"], VALUE)
        tokenward(folder, environment, ["credential", "add", f"https://{HOST}", "TOKEN", "--user", "alice"])
        helpers = [*ours(environment), *peers(options.peers, folder, environment)]
        with daemon(environment):
            times = measured(helpers, folder, options.times)
        print("| ms | median | p95 | CPU |\n| --- | ---: | ---: | ---: |")
        for helper, (walls, processors) in times.items():
            last = statistics.quantiles(walls, n=20)[-1]
            shown = (statistics.median(walls), last, statistics.median(processors))
            print(f"| {helper} | {' | '.join(f'{seconds * 1000:.0f}' for seconds in shown)} |")


@dataclass(frozen=True)
class Helper:
    """A helper as it is started, and what it is asked."""

    name: str
    command: Sequence[str]
    request: str
    environment: Mapping[str, str]


def ours(environment: Mapping[str, str]) -> Iterator[Helper]:
    """Yield our helpers, without the daemon and with it; and its quickest client."""
    for how, variables in (
        ("without the daemon", environment),
        ("with the daemon", {**environment, thin_client.SWITCH: "on"}),
    ):
        for tool, request in (("git", GIT), ("docker", HOST)):
            program = f"{tool}-credential-tokenward"
            yield Helper(f"`{program}` {how}", [str(PROGRAMS / program), "get"], request, variables)
    client = [sys.executable, "-I", "-S", thin_client.__file__, "git", "get"]
    yield Helper("the thin client as git's helper, with the daemon", client, GIT, variables)


def peers(folder: Path, workspace: Path, environment: Mapping[str, str]) -> Iterator[Helper]:
    """Yield the other helpers of the same keyring, in which they store the value first."""
    for name, stored, request in (
        ("git-credential-libsecret", f"{GIT}password={VALUE}\n", GIT),
        ("docker-credential-secretservice", json.dumps(LOGIN), LOGIN["ServerURL"]),
    ):
        if program := shutil.which(name, path=f"{folder.absolute()}{os.pathsep}{os.environ['PATH']}"):
            answer([program, "store"], stored, workspace, environment)
            yield Helper(f"`{name}`", [program, "get"], request, environment)


@contextlib.contextmanager
def daemon(environment: Mapping[str, str]) -> Iterator[None]:
    """Run the daemon, from when it answers."""
    resident = {**environment, thin_client.SWITCH: "on"}
    with subprocess.Popen([str(PROGRAMS / "tokenward"), "daemon"], env=resident, cwd="/") as process:
        try:
            while not [*Path(environment["XDG_RUNTIME_DIR"]).glob("tokenward/*.sock")]:
                time.sleep(0.1)
            yield
        finally:
            process.kill()


def measured(
    helpers: Sequence[Helper], folder: Path, times: int
) -> dict[str, tuple[list[float], list[float]]]:
    """Return the seconds of each start, and those of the CPU."""
    seconds: dict[str, tuple[list[float], list[float]]] = {helper.name: ([], []) for helper in helpers}
    # The first round fills caches.
    for number in range(times + 1):
        for helper in random.sample(helpers, len(helpers)):
            start, busy = time.perf_counter(), processor()
            said = answer(helper.command, helper.request, folder, helper.environment)
            ended, used = time.perf_counter() - start, processor() - busy
            if number:
                seconds[helper.name][0].append(ended)
                seconds[helper.name][1].append(used)
            assert VALUE in said, helper.name
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
