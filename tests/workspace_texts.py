"""A workspace as a table of texts, and its findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tokenward.detection.custom.workspace import LocalRules, read_local
from tokenward.detection.detection import DetectionResult
from tokenward.detection.engine import Detector
from tokenward.model import Problem

TODAY = date(2026, 11, 25)


@dataclass
class Workspace:
    """Texts by relative path; `scan` rereads the configuration among them each time."""

    detector: Detector
    cache: Path
    files: dict[str, str] = field(default_factory=dict)
    rule_files: Mapping[str, str] = field(default_factory=dict)
    is_trusted: bool = False
    allow_repository_ignores: bool = True
    today: date = TODAY

    def local(self) -> tuple[LocalRules, tuple[Problem, ...]]:
        return read_local(
            self.files.get,
            self.cache,
            today=lambda: self.today,
            rule_files=self.rule_files,
            is_trusted=self.is_trusted,
            allow_repository_ignores=self.allow_repository_ignores,
        )

    def problems(self) -> list[tuple[str, int]]:
        return [(problem.path, problem.line) for problem in self.local()[1]]

    def scan(self, text: str, path: str = "src/app.py", commit: str = "") -> DetectionResult:
        return self.detector.detect_all(text, path, local=self.local()[0], commit=commit)

    def found(self, text: str, path: str = "src/app.py", commit: str = "") -> list[str]:
        return [detection.secret.reveal() for detection in self.scan(text, path, commit).found]

    def silenced_by(self, text: str, path: str = "src/app.py", commit: str = "") -> list[str]:
        detected = self.scan(text, path, commit)
        assert detected.found == ()
        return [record.by for record in detected.ignored]
