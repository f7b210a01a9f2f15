"""The result of a scan: tokens with their values, and a record of ignored ones."""

from __future__ import annotations

from dataclasses import replace

from tokenward.detection.rules.providers import Provider, provider_of
from tokenward.fast_dataclasses import dataclass
from tokenward.model import IgnoredDetection, Secret, Span


@dataclass(frozen=True, slots=True)
class Detection:
    """A token in a text, with its value; short-lived.

    Attributes:
        rule: the full id of the rule.
        span: in code points of the scanned text.
        secret: exactly the text in the span, without what a terminal put into it.
        whole: the span certainly covers the whole token.
        name: its variable or key, if only that identifies it; otherwise empty.
        is_copy: only another place says that the value is a token.
    """

    rule: str
    span: Span
    secret: Secret
    whole: bool
    name: str = ""
    is_copy: bool = False

    @property
    def provider(self) -> Provider:
        """Return the provider of the rule."""
        return provider_of(self.rule)

    @property
    def label(self) -> str:
        """Return what is shown instead of the value: its kind, public prefix and length."""
        provider = self.provider
        return f"{provider.token} ({provider.label(self.secret.reveal())})"

    def moved(self, by: int) -> Detection:
        """Return the same token in a text that has so many characters more before it."""
        return replace(self, span=Span(self.span.start + by, self.span.end + by)) if by else self


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """The result of a scan, in order of place.

    Attributes:
        found: the tokens to report, without overlap.
        ignored: the tokens that a configuration or a comment ignores.
    """

    found: tuple[Detection, ...] = ()
    ignored: tuple[IgnoredDetection, ...] = ()
