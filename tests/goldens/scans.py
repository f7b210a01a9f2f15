"""Recordings of the JSON reports of scans of five trees."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from corpora.projects import projects

import sample_workspace
from cli_shell import Shell
from git_tree import git
from goldens.golden import Golden, Place
from goldens.normal import Normaliser, in_json, section
from goldens.strangers import PROJECTS, plant

_REPOSITORY = Path(__file__).parents[2]
_GROWS = ("files", "bytes", "seconds", "fingerprint_key")
"""What a summary says of a tree's size, and of the user's key."""


def _sample(folder: Path, normal: Normaliser) -> None:
    for name, token in sample_workspace.make(folder / "sample").items():
        normal.learn(name.upper(), token)


def _projects(folder: Path, normal: Normaliser) -> None:
    for name, files in projects(1):
        for file in files:
            path = folder / name / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8", newline="")
            for token in file.tokens:
                normal.learn("TOKEN", token.text)


def _docs(folder: Path, _: Normaliser) -> None:
    for name in git(_REPOSITORY, "ls-files", "-z", "*.md").decode().split("\0")[:-1]:
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_REPOSITORY / name, folder / name)


def _scanned(fill: Callable[[Path, Normaliser], object], place: Place) -> str:
    normal = Normaliser({place.folder: "WORKSPACE", place.environment["HOME"]: "HOME"})
    fill(place.folder, normal)
    done = Shell(place.environment, place.folder)("scan", "--format", "json")
    report = json.loads(done.text)
    findings = [in_json(finding) for finding in sorted(report["findings"], key=_order)]
    summary = in_json({name: one for name, one in report["summary"].items() if name not in _GROWS})
    return normal(
        section("tokenward scan --format json", [f"exit code {done.code}", done.err, summary, *findings])
    )


def _order(finding: dict[str, object]) -> tuple[str, str]:
    return str(finding["path"]), in_json([finding["start"], finding["end"], finding["rule"]])


TREES = {"sample": _sample, "projects": _projects, "docs": _docs}
_INSTALLED = ("docutils", "node-packages")
GOLDENS = (
    *(Golden(f"scan-{name}", partial(_scanned, fill)) for name, fill in TREES.items()),
    *(
        Golden(f"scan-{one.name}", partial(_scanned, partial(plant, one)), installed=one.installed)
        for one in PROJECTS
        if one.name in _INSTALLED
    ),
)
