"""Secret scanners, with their findings in a tree in one common form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers import Peer, betterleaks, detect_secrets, gitleaks, secretlint, tokenward


@dataclass(frozen=True, slots=True)
class Found:
    """A finding that a program reported.

    Attributes:
        path: relative to the tree, with `/`.
        line: its first line, from 1.
        value: the token's text, if the program reports it or its position.
        digest: SHA-1 of the token's text in hex, if the program reports nothing else.
        rule: the program's name for it.
    """

    path: str
    line: int
    value: str = ""
    digest: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program ready to scan.

    Attributes:
        name: its name, with its version.
        scan: returns the findings in a tree.
    """

    name: str
    scan: Callable[[Path], Sequence[Found]]


PEERS = ("kingfisher", "betterleaks", "gitleaks", "detect-secrets", "secretlint")
_Read = Callable[[Any, Path], Iterator[Found]]


def contenders(cache: Path, home: Path, without: Sequence[str]) -> Iterator[Contender]:
    """Yield Tokenward, its engine alone, and the others, which are installed on demand into the cache folder.

    Args:
        cache: the folder for installed peers.
        home: an empty home folder, so that no user settings apply.
        without: programs to leave out.
    """
    environment = _environment(home)
    yield Contender(
        f"tokenward {version('tokenward')}", _program(tokenward()[0], _tokenward, environment, home)
    )
    if "kingfisher" not in without:
        yield Contender(f"Kingfisher SDK {version('kingfisher-secret-scanner')}", _kingfisher)
    for install, read in _INSTALLED:
        name = install.__name__.replace("_", "-")
        if name in without:
            continue
        try:
            peer = install(cache)
        except (OSError, subprocess.CalledProcessError, StopIteration) as error:
            print(f"MISSING: {name} cannot be installed ({type(error).__name__}).", file=sys.stderr)
            continue
        yield Contender(peer.name, _program(peer, read, environment, home))


def _environment(home: Path) -> Mapping[str, str]:
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **folders}


def _program(
    peer: Peer, read: _Read, environment: Mapping[str, str], home: Path
) -> Callable[[Path], Sequence[Found]]:
    def scan(tree: Path) -> Sequence[Found]:
        report = home / "report.json"
        report.unlink(missing_ok=True)
        command = [*peer.command(Path(), report), *_FURTHER.get(peer.name.split()[0], ())]
        done = subprocess.run(command, cwd=tree, env=environment, check=False, capture_output=True)
        written = report.read_bytes() if report.exists() else done.stdout
        try:
            return list(read(json.loads(written.decode("utf-8", "replace")), tree))
        except ValueError:
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise SystemExit(
                f"{peer.name} wrote no report and exited with {done.returncode}: {''.join(last)}"
            ) from None

    return scan


_FURTHER = {"secretlint": ("**/.*", "**/.*/**")}
"""It skips files whose names begin with a dot, unless it is told not to."""


def _tokenward(report: Any, tree: Path) -> Iterator[Found]:
    for sentence in report["summary"]["left_out"]:
        print(f"tokenward left out: {sentence}", file=sys.stderr)
    for one in report["findings"]:
        value = (tree / one["path"]).read_bytes()[one["start_offset"] : one["end_offset"]]
        yield Found(one["path"], one["start"]["line"] + 1, value.decode("utf-8", "replace"), rule=one["rule"])


def _betterleaks(report: Any, tree: Path) -> Iterator[Found]:
    for one in report["findings"]:
        place = one["location"]
        yield Found(
            _relative(place["path"], tree), place["start_line"], one["match"]["value"], rule=one["rule_id"]
        )


def _gitleaks(report: Any, tree: Path) -> Iterator[Found]:
    for one in report:
        yield Found(_relative(one["File"], tree), one["StartLine"], one["Secret"], rule=one["RuleID"])


def _detect_secrets(report: Any, tree: Path) -> Iterator[Found]:
    for path, findings in report["results"].items():
        for one in findings:
            yield Found(
                _relative(path, tree), one["line_number"], digest=one["hashed_secret"], rule=one["type"]
            )


def _secretlint(report: Any, tree: Path) -> Iterator[Found]:
    for file in report:
        for one in file["messages"]:
            value = file["sourceContent"][slice(*one["range"])]
            yield Found(
                _relative(file["filePath"], tree), one["loc"]["start"]["line"], value, rule=one["ruleId"]
            )


def _relative(path: str, tree: Path) -> str:
    return Path(os.path.relpath(tree / path, tree)).as_posix()


def _kingfisher(tree: Path) -> Sequence[Found]:
    """Scan with the engine's catalog alone, as its SDK ships it."""
    from kingfisher_sdk.inputs import ScanInput  # noqa: PLC0415
    from kingfisher_sdk.scanner import Scanner  # noqa: PLC0415 - only when it is asked for

    scanner = Scanner()
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    found: list[Found] = []
    for path in files:
        name = path.relative_to(tree).as_posix()
        matches = scanner.scan_input(ScanInput(path=name, data=path.read_bytes()))
        found += [
            Found(name, match.location["line"], match.secret, rule=match.rule_id)
            for match in matches
            if match.visible
        ]
    return found


_INSTALLED = (
    (betterleaks, _betterleaks),
    (gitleaks, _gitleaks),
    (detect_secrets, _detect_secrets),
    (secretlint, _secretlint),
)
