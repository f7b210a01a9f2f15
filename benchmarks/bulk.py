"""The time in which 300 tokens move into a real keyring, beside that of storing as many in it with `secretstorage`.

    python benchmarks/bulk.py [--tokens 300] [--files 1 30] [--profile FILE]

Each run has a private gnome-keyring, and files of Python, environment variables, compose, MCP and TypeScript in turns;
one file alone is Python. CPU seconds are those of the command and its children, and of the keyring beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from measuring import Run, run

import tokens
from keyring_session import keyring_session

TOKENWARD = str(Path(sys.executable).with_name("tokenward"))
LONGEST = 600.0
KINDS: Sequence[tuple[str, str, Callable[[dict[str, str]], str]]] = (
    ("config.py", "{}", lambda named: "".join(f'{name} = "{one}"\n' for name, one in named.items())),
    (".env", "{}", lambda named: "".join(f"{name}={one}\n" for name, one in named.items())),
    (
        "docker-compose.yml",
        "services:\n  app:\n    image: app\n    environment:\n{}",
        lambda named: "".join(f'      {name}: "{one}"\n' for name, one in named.items()),
    ),
    (".mcp.json", "{}", lambda named: json.dumps({"mcpServers": {"x": {"command": "x", "env": named}}}, indent=1)),
    ("config.ts", "{}", lambda named: "".join(f'export const {name} = "{one}";\n' for name, one in named.items())),
)  # fmt: skip
MAKERS = (tokens.github, tokens.npm, tokens.gitlab, tokens.anthropic)
STORE = """
import secretstorage, sys
connection = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(connection)
for number in range(int(sys.argv[1])):
    attributes = {"service": f"tokenward/acme/T_{number}", "username": f"T_{number}", "application": "floor"}
    collection.create_item(f"T_{number}", attributes, b"x" * 40)
    next(collection.search_items(attributes)).get_secret()
"""
"""Stores each value and reads it back, in the library's own way."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--files", type=int, nargs="+", default=[1, 30])
    parser.add_argument("--profile")
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}\n{'seconds':32}{'CPU':>8}{'keyring':>8}{'wall':>8}")
    _show("stored by secretstorage alone", [sys.executable, "-c", STORE, str(given.tokens)], 0, 0)
    profiled = [sys.executable, "-m", "cProfile", "-o", given.profile] if given.profile else []
    command = [*profiled, TOKENWARD, "move", "--all", "--yes"]
    for files in given.files:
        _show(f"{given.tokens} tokens in {files} files", command, files, given.tokens // files)


def _show(name: str, command: Sequence[str], files: int, each: int) -> None:
    with keyring_session() as environment, tempfile.TemporaryDirectory(prefix="tw-bulk-") as place:
        folder = Path(place, "acme-api")
        (folder / ".git").mkdir(parents=True)
        for number in range(files):
            _fill(folder / f"service{number}", number, each)
        # Rules are copied to a new home once.
        subprocess.run(
            [TOKENWARD, "scan", "--staged"], cwd=folder, env=environment, capture_output=True, check=False
        )
        before = _keyring_seconds(environment)
        done = run(command, Path(place, "out"), environment, folder, LONGEST)
        keyring = _keyring_seconds(environment) - before
        found = sum("keyring://" not in one.read_text() for one in folder.rglob("*") if one.name in _NAMES)
        _print(name if not done.code else f"{name}: exit code {done.code}", done, keyring)
        assert not files or done.code == 0, found


_NAMES = {name for name, *_ in KINDS}


def _fill(folder: Path, number: int, each: int) -> None:
    folder.mkdir()
    name, frame, written = KINDS[number % len(KINDS)]
    named = {f"SVC{number}_TOKEN_{one}": MAKERS[one % len(MAKERS)](f"{number}-{one}") for one in range(each)}
    (folder / name).write_text(frame.replace("{}", written(named)))


def _keyring_seconds(environment: dict[str, str]) -> float:
    """Return the CPU time so far of the keyring and the bus of an environment."""
    total = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "stat").read_text().rpartition(")")[2].split()
            variables = (process / "environ").read_bytes()
            is_service = (process / "comm").read_text().startswith(("gnome-keyring", "dbus-daemon"))
        except OSError:
            continue
        if is_service and f"HOME={environment['HOME']}\0".encode() in variables:
            total += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _print(name: str, done: Run, keyring: float) -> None:
    print(f"{name:32}{done.cpu:8.2f}{keyring:8.2f}{done.wall:8.2f}")


if __name__ == "__main__":
    main()
