"""A scanner for work that looks at the same text time and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tokenward.detection.detection import Detection
from tokenward.detection.rules.limits import Cancellation
from tokenward.findings.scan import Scanner


@dataclass(frozen=True, slots=True)
class OnceScanner(Scanner):
    """Scans a text once for as long as it is asked for no other."""

    _last: dict[tuple[str, str, int], Sequence[Detection]] = field(default_factory=dict, repr=False)

    @classmethod
    def like(cls, scanner: Scanner) -> OnceScanner:
        return cls(scanner.detector, scanner.fingerprint, scanner.local, scanner.prefix)

    def _detections(
        self, text: str, name: str, first_line: int = 0, cancellation: Cancellation | None = None
    ) -> Sequence[Detection]:
        key = (text, name, first_line)
        if key not in self._last:
            # `super()` without arguments fails in a class with slots before Python 3.14.
            found = super(OnceScanner, self)._detections(text, name, first_line, cancellation)
            self._last.clear()
            self._last[key] = found
        return self._last[key]
