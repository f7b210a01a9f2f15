"""The cost of `tokenward run`, `get` and a credential helper: the time until they end, and the throughput of masking.

    python benchmarks/run.py [--times 25] [--megabytes 256] [--peers FOLDER]

Each starts `true` repeatedly and in turns, with all files cached. The keyring is a gnome-keyring on a private bus.
Only peers that are on PATH or in the folder are measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import random
import resource
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import keyring_session
from tokenward import thin_client
from tokenward.findings.known_values.encodings import spellings
from tokenward.findings.known_values.known_values import KnownValues
from tokenward.model import Secret

TOKENWARD = str(Path(sys.executable).with_name("tokenward"))
MEGABYTE = 1_000_000
REQUEST = b"protocol=https\nhost=git.example.com\n\n"
"""What git writes to its helper; the other commands do not read it."""
REFERENCE = "TOKEN=keyring://acme-api/TOKEN\n"
LINE = b"2026-11-25T15:01:02.123Z INFO worker-3 handled GET /api/v1/items/%d in 23 ms status=200 bytes=3434\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=25)
    parser.add_argument("--megabytes", type=float, default=256)
    parser.add_argument("--peers", type=Path, default=Path("no folder"))
    options = parser.parse_args()
    # As after an installation: without this, a checkout compiles its modules at each start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        _show_starts(Path(folder), options.times, options.peers)
    with tempfile.TemporaryDirectory() as folder:
        _show_helpers(Path(folder), options.times)
    for length in (12, 20, 40, 200):
        print(f"masking 10 values of {length}: {_rate(length, options.megabytes):,.0f} MB/s")


def _show_starts(folder: Path, times: int, peers: Path) -> None:
    with keyring_session.keyring_session() as environment:
        stores = {"keyring": environment, "encrypted file": {**environment, **_with_file(folder / "home")}}
        commands: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {"exec alone": (["true"], environment)}
        for store, variables in stores.items():
            workspace = folder / store / "acme-api"
            workspace.mkdir(parents=True)
            _prepare(workspace, variables)
            command = ["sh", "-c", f'cd "{workspace}" && exec "$@"', "-", TOKENWARD, "run"]
            commands[f"run, {store}"] = ([*command, "--no-mask", "true"], variables)
            commands[f"run --mask, {store}"] = ([*command, "--mask", "true"], variables)
        commands |= _peers(folder / "keyring" / "acme-api", environment, peers)
        _show(commands, times)


def _show_helpers(folder: Path, times: int) -> None:
    with keyring_session.keyring_session() as environment:
        workspace = folder / "acme-api"
        workspace.mkdir()
        _prepare(workspace, environment)
        add = [TOKENWARD, "credential", "add", "https://git.example.com", "TOKEN"]
        subprocess.run(add, env=environment, cwd=workspace, check=True, capture_output=True)
        resident = {**environment, thin_client.SWITCH: "on"}
        helper = str(Path(TOKENWARD).with_name("git-credential-tokenward"))
        lookup = 'echo "password=$(secret-tool lookup service tokenward/acme-api/TOKEN)"'
        start = ["sh", "-c", f'cd "{workspace}" && exec "$@"', "-"]
        isolated = [sys.executable, "-I", "-S"]
        run = ["run", "--no-mask", "true"]
        commands: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {
            "exec alone": ([*start, "true"], environment),
            "the interpreter, -I -S": ([*start, *isolated, "-c", ""], environment),
            "secret-tool in sh, as a helper": ([*start, "sh", "-c", lookup], environment),
            "git helper, no daemon": ([*start, helper, "get"], environment),
            "git helper, daemon": ([*start, helper, "get"], resident),
            "git helper, thin client": ([*start, *isolated, thin_client.__file__, "git", "get"], resident),
            "get, no daemon": ([*start, TOKENWARD, "get", "TOKEN"], environment),
            "get, daemon": ([*start, TOKENWARD, "get", "TOKEN"], resident),
            "run, no daemon": ([*start, TOKENWARD, *run], environment),
            "run, daemon": ([*start, TOKENWARD, *run], resident),
            "run, thin client": ([*start, *isolated, thin_client.__file__, *run], resident),
        }
        with subprocess.Popen([TOKENWARD, "daemon"], env=resident, cwd="/") as daemon:
            while not [*Path(environment["XDG_RUNTIME_DIR"]).glob("tokenward/*.sock")]:
                time.sleep(0.1)
            _show(commands, times)
            daemon.kill()


def _with_file(home: Path) -> dict[str, str]:
    home.mkdir()
    return {"HOME": str(home), "TOKENWARD_VAULT_PASSPHRASE": "correct horse"}


def _prepare(workspace: Path, environment: Mapping[str, str]) -> None:
    def tokenward(*arguments: str, given: bytes = b"") -> None:
        subprocess.run(
            [TOKENWARD, *arguments],
            input=given,
            env=environment,
            cwd=workspace,
            check=True,
            capture_output=True,
        )

    if "TOKENWARD_VAULT_PASSPHRASE" in environment:
        tokenward("vault", "init", "--file")
    tokenward("put", "TOKEN", given=b"x1" * 20)
    workspace.joinpath(".env").write_text(REFERENCE)


def _peers(
    workspace: Path, environment: Mapping[str, str], folder: Path
) -> dict[str, tuple[Sequence[str], Mapping[str, str]]]:
    """Return the commands that load the variables of a plain file, and one that reads the same keyring."""
    plain = workspace / "plain.env"
    plain.write_text("TOKEN=x\n")
    lookup = "TOKEN=$(secret-tool lookup service tokenward/acme-api/TOKEN) exec true"
    candidates = {
        "python-dotenv's dotenv run": [str(folder / "dotenv"), "-f", str(plain), "run", "--", "true"],
        "dotenv-cli (npm)": [str(folder / "dotenv-cli"), "-e", str(plain), "--", "true"],
        "secret-tool in sh": [(shutil.which("secret-tool") and "sh") or "none", "-c", lookup],
    }
    return {name: (command, environment) for name, command in candidates.items() if shutil.which(command[0])}


def _show(commands: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], times: int) -> None:
    walls: dict[str, list[float]] = {name: [] for name in commands}
    cpus: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(times + 2):
        for name, (command, environment) in commands.items():
            with _measured(walls[name], cpus[name]):
                subprocess.run(command, env=environment, input=REQUEST, check=True, capture_output=True)
            if turn < 2:
                walls[name].clear()
                cpus[name].clear()
    base = statistics.median(walls["exec alone"])
    print(f"{'ms, medians':32}{'wall':>8}{'over exec':>11}{'p95':>8}{'p99':>8}{'CPU':>8}")
    for name, taken in walls.items():
        wall, cpu = statistics.median(taken), statistics.median(cpus[name])
        tail = "".join(f"{sorted(taken)[int(len(taken) * share)] * 1e3:8.0f}" for share in (0.95, 0.99))
        print(f"{name:32}{wall * 1e3:8.0f}{(wall - base) * 1e3:11.0f}{tail}{cpu * 1e3:8.0f}")
    print()


@contextlib.contextmanager
def _measured(walls: list[float], cpus: list[float]) -> Iterator[None]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    yield
    walls.append(time.perf_counter() - start)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _rate(length: int, megabytes: float) -> float:
    """Return the MB of log lines masked per second of CPU, in chunks as from a pipe."""
    choose = random.Random(length)
    letters = string.ascii_letters + string.digits
    values = KnownValues(spellings(Secret("".join(choose.choices(letters, k=length))) for _ in range(10)))
    block = b"".join(LINE % number for number in range(100_000))
    portions = [block[start : start + 65_536] for start in range(0, len(block), 65_536)]
    start, passed = time.process_time(), 0
    while passed < megabytes * MEGABYTE:
        for portion in portions:
            passed += len(values.feed(portion))
    return passed / MEGABYTE / (time.process_time() - start)


if __name__ == "__main__":
    main()
