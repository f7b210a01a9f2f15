"""The values that an agent must not see, whole, in part or encoded, known by value or by fingerprint."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import field
from itertools import chain, islice
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.known_values.encodings import FEWEST_UNKNOWN
from tokenward.model import Fingerprint, Reference, Secret
from tokenward.operations.vault_choice import vault_config
from tokenward.places import Places
from tokenward.safe_files import open_regular
from tokenward.settings import Settings
from tokenward.sources.encoding import decoded
from tokenward.vault.quick_reader import QuickReader
from tokenward.vault.worker import VaultWorker

_WORDS = (
    re.compile(rf"[^\s\"'`=:,;@/\\()<>\[\]{{}}|&?#]{{{FEWEST_UNKNOWN},4096}}"),
    re.compile(rf"[\w.+/~-]{{{FEWEST_UNKNOWN},4096}}={{0,2}}"),
)
"""Words between any signs, and those of Base64, dots and dashes."""
HIDDEN = "[a token in another encoding]"
_RANDOM = re.compile(r"[a-z]+[0-9]+[a-z]", re.IGNORECASE)
"""A row has to match this to have parts: words, as in addresses, are not searched for by themselves."""
_LONGEST_WITH_PARTS = 200
"""The most characters of a value with parts: keys and certificates share theirs."""
_PLAIN = re.compile(r"[0-9A-Za-z_.+/=~-]+")
"""Values with parts; others, such as URLs, hold much that is known."""
_PUBLIC = re.compile(r"[^0-9A-Za-z]+|T3BlbkFJ|^51[0-9A-Za-z]{20}|^AgE[0-9A-Za-z]{25}")
"""What is not random in a token: separators, OpenAI's mark, Stripe's account, PyPI's site."""
_COLUMN = re.compile(r"(?m)(^[0-9a-fA-F]{6,16}: .*?) {2}.+$")
_OFFSETS = re.compile(r"(?m)^[0-9a-fA-F]{6,16}:?(?=[ \t])|\|.{1,16}\|$")
"""The plain text and the offsets of a dump, by `xxd` and others."""
_HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}\s{0,80}){20,}(?!\w)", re.ASCII)
_BASE64 = re.compile(r"(?<![\w+/])(?:(?:[A-Za-z0-9+/]{60,}\n)+[A-Za-z0-9+/]+|[A-Za-z0-9+/]{16,})={0,2}")
Finds = Callable[[str], bool]
Needles = Mapping[str, Mapping[str, str]]
"""What is searched for, by its first characters, each with the value of which it is a part; empty for a whole one."""
_FEWEST_SIGNS = 4
"""Values of no more different letters and digits than these are not searched for."""
MOST_VALUES = 200
"""The most stored values that are read: each takes about a millisecond."""
_MOST_FILES = 20
_LARGEST_FILE = 262_144


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


def hide_disguised(text: str, values: Needles, finds: Finds, count: Callable[[str], object]) -> str:
    """Return a text without the lines that show a part of a value or an encoded token; the same text if none does.

    A line is hidden as a whole, because it may show the value in another column too. The text shows no value as it is
    or in an encoding. `finds` says whether a decoded text has a token; `count` receives each value seen only in part.
    """
    pieces, end, parts = [], 0, set[str]()
    for start, last in sorted((*_matches(text, values, parts), *_decoded(text, values, finds, parts))):
        if last <= end:
            continue
        first = max(end, text.rfind("\n", 0, start) + 1)
        following = text.find("\n", last - 1)
        pieces += [text[end:first], HIDDEN]
        end = following if following >= 0 else len(text)
    for value in parts:
        count(value)
    return "".join((*pieces, text[end:]))


def needles(values: Iterable[str], prefixes: Collection[str] = ()) -> Needles:
    """Return the values with enough characters that no prefix makes public, and parts of the random ones.

    The parts of a row of letters and digits have as many unknown characters each, side by side from the first on, and
    the last ones, so that of a row in two pieces the longer is hidden. With a part at each place, an agent that knows
    one, such as what a token says in Base64, could guess the rest a character at a time; by the last part it learns no
    more than the row's end.
    """
    found: dict[str, dict[str, str]] = {}
    for value in values:
        public = max((len(one) for one in prefixes if value.startswith(one)), default=0)
        if len(value) - public >= FEWEST_UNKNOWN and len(set(value)) > _FEWEST_SIGNS:
            found.setdefault(value[:FEWEST_UNKNOWN], {})[value] = ""
        for part in _parts(value, public):
            found.setdefault(part, {}).setdefault(part, value)
    return found


def _parts(value: str, public: int) -> Iterator[str]:
    """Yield the parts of a value's random rows; of a JWT, of its signature, because its claims may be known."""
    if len(value) > _LONGEST_WITH_PARTS or not _PLAIN.fullmatch(value):
        return
    for row in _PUBLIC.split(value[max(public, value.rfind(".") + 1) :]):
        last = len(row) - FEWEST_UNKNOWN
        for start in (*range(0, last, FEWEST_UNKNOWN), last) if last >= 0 and _RANDOM.search(row) else ():
            part = row[start : start + FEWEST_UNKNOWN]
            if len(set(part)) > _FEWEST_SIGNS:
                yield part


def _decoded(text: str, values: Needles, finds: Finds, parts: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the places that hold tokens in Base64 or hexadecimal, known or not."""
    bare = _COLUMN.sub(lambda match: match[1].ljust(len(match[0])), text)
    bare = _OFFSETS.sub(lambda match: " " * len(match[0]), bare)
    found = ((match, _from_hex(match[0])) for match in _HEX.finditer(bare))
    coded = ((match, _from_base64(match[0])) for match in _BASE64.finditer(text))
    for match, plain in chain(found, coded):
        if plain and (_matches(plain, values, parts) or finds(plain)):
            yield match.span()


def _matches(text: str, values: Needles, parts: set[str]) -> list[tuple[int, int]]:
    """Return the places of values in a text; add those without a whole one."""
    found, seen = list[tuple[int, int]](), set[tuple[str, str]]()
    for start in range(len(text) - FEWEST_UNKNOWN + 1) if values else ():
        for needle, value in values.get(text[start : start + FEWEST_UNKNOWN], {}).items():
            if text.startswith(needle, start):
                found.append((start, start + len(needle)))
                seen.add((needle, value))
    whole = [needle for needle, value in seen if not value]
    parts |= {value for needle, value in seen if value and not any(needle in one for one in whole)}
    return found


def _from_hex(text: str) -> str:
    return bytes.fromhex(text).decode("latin-1")


def _from_base64(text: str) -> str:
    joined = "".join(text.split()).rstrip("=")
    kept = joined[: len(joined) - (len(joined) % 4 == 1)]
    return base64.b64decode(kept + "=" * (-len(kept) % 4)).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """Values to mask.

    Attributes:
        stored: those of the vault, each with its reference; empty if it cannot be read.
        found: those in a workspace's environment files.
    """

    stored: tuple[tuple[Reference, Secret], ...] = field(default=(), repr=False)
    found: tuple[Secret, ...] = field(default=(), repr=False)

    def values(self) -> Iterator[str]:
        """Yield every value as text."""
        yield from (secret.reveal() for secret in self.secrets())

    def secrets(self) -> Iterator[Secret]:
        """Yield every value."""
        yield from (*(secret for _, secret in self.stored), *self.found)

    def unread(self, references: Mapping[Fingerprint, Reference]) -> Mapping[Fingerprint, Reference]:
        """Return those of the stored values' fingerprints whose values are not here."""
        read = {reference for reference, _ in self.stored}
        return {token: one for token, one in references.items() if one not in read}


def open_known_secrets(places: Places, settings: Settings, folder: Path, detector: Detector) -> KnownSecrets:
    """Return the values to mask in what an agent reads in a folder, from a vault that is opened and closed here.

    Of many stored ones, the first, and only those of the folder's workspace. A vault that is locked, absent or an
    editor's, which asks a person before it gives out a value, yields none. All others are recognised by their form and
    fingerprint.
    """
    found = tuple(_found(folder, detector))
    here = Bindings(places.custody).name_of(folder) if places.custody.exists() else None
    entries = Entries(places.custody).in_workspace(here) if here else ()
    config = vault_config(places, settings)
    if not entries or config.kind == "editor":
        return KnownSecrets(found=found)
    references = islice((entry.reference for entry in entries), MOST_VALUES)
    with closing(QuickReader(config)) as quick, closing(VaultWorker(config)) as worker:
        return KnownSecrets(tuple(_stored(references, quick, worker)), found)


def _stored(
    references: Iterable[Reference], quick: QuickReader, worker: VaultWorker
) -> Iterator[tuple[Reference, Secret]]:
    with suppress(TokenwardError):
        for one in references:
            if secret := quick.get(one) or worker.get(one):
                yield one, secret


def _found(folder: Path, detector: Detector) -> Iterator[Secret]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(".env"))[:_MOST_FILES]  # noqa: PTH208
    except OSError:
        return
    for name in names:
        text = text_of(folder / name, _LARGEST_FILE) or ""
        yield from (detection.secret for detection in detector.detect_all(text, name).found)


def text_of(path: str | Path, most: int) -> str | None:
    """Return the text of a file, as far as the most bytes that are read; None if it cannot be read."""
    try:
        descriptor, _ = open_regular(path, follow_links=True)
        with os.fdopen(descriptor, "rb") as file:
            return decoded(file.read(most))[0]
    except (OSError, ValueError):
        return None
