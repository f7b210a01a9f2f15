"""KnownWords: stored values that nobody reads, recognised by the fingerprints of whole words in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tokenward.findings.known_values.encodings import FEWEST_UNKNOWN
from tokenward.model import Fingerprint, Reference

_WORDS = (
    re.compile(rf"[^\s\"'`=:,;@/\\()<>\[\]{{}}|&?#]{{{FEWEST_UNKNOWN},4096}}"),
    re.compile(rf"[\w.+/~-]{{{FEWEST_UNKNOWN},4096}}={{0,2}}"),
)
"""Words between any signs, and those of Base64, dots and dashes."""


class KnownWords:
    """The fingerprints of stored values, with their references.

    A word says whether it is one only as a whole, and only with more unknown characters than anybody can guess.
    """

    def __init__(
        self,
        fingerprint: Callable[[str], Fingerprint],
        references: Mapping[Fingerprint, Reference],
        prefixes: frozenset[str],
    ) -> None:
        """Take what computes fingerprints, the references, and the public prefixes of values."""
        self._fingerprint = fingerprint
        self._references = references
        self._prefixes = prefixes

    def found(self, text: str) -> dict[str, Reference]:
        """Return the words of a text that are stored values."""
        if not self._references:
            return {}
        words = {word for pattern in _WORDS for word in pattern.findall(text)}
        words |= {word.rstrip(".") for word in words}
        pairs = ((word, self._fingerprint(word)) for word in words if self._is_unknown(word))
        return {word: self._references[one] for word, one in pairs if one in self._references}

    def masked(self, text: str) -> str:
        """Return a text with these words masked behind their public prefixes."""
        for word in self.found(text):
            shown = word[: self._public(word)]
            text = text.replace(word, shown + "*" * (len(word) - len(shown)))
        return text

    def _is_unknown(self, word: str) -> bool:
        return len(word) - self._public(word) >= FEWEST_UNKNOWN

    def _public(self, word: str) -> int:
        return max((len(one) for one in self._prefixes if word.startswith(one)), default=0)
