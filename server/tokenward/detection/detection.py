"""What a scan gives: tokens with their values, and the record of those that are not reported."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.detection.rules.providers import Provider, provider_of
from tokenward.detection.suppress.suppressor import IgnoredDetection
from tokenward.model import Secret, Span


@dataclass(frozen=True, slots=True)
class Detection:
    """A token in a text, with its value; lives only while it is being looked at.

    Attributes:
        rule: the full id of the rule.
        span: code points of the scanned text.
        secret: exactly what stands in the text at the span.
        whole: the span surely covers the whole token.
        name: what it is assigned to, where that is all that tells of it; else empty.
    """

    rule: str
    span: Span
    secret: Secret
    whole: bool
    name: str = ""

    @property
    def provider(self) -> Provider:
        return provider_of(self.rule)


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """What a scan found, in order of place.

    Attributes:
        found: what is to be reported, without overlap.
        ignored: what is not, because a configuration or a comment says so.
    """

    found: tuple[Detection, ...] = ()
    ignored: tuple[IgnoredDetection, ...] = ()
