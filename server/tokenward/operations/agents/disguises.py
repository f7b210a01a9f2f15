"""Known values in other forms than encodings: spaced, as codes of characters, rotated or compressed."""

from __future__ import annotations

import base64
import bz2
import codecs
import lzma
import re
import string
import zlib
from binascii import a2b_uu
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain

HIDDEN = "[a token in another encoding]"
FEWEST = 12
"""The fewest letters and digits of a value that is searched for; fewer occur in other text by chance."""
_STEP = 3
"""The distance between parts of a value, so that fourteen letters and digits of one hold a part."""
_RANDOM = re.compile(r"[a-z]+[0-9]+[a-z]")
"""A part has to match this: words, as in addresses, are not searched for by themselves."""
_LONGEST = 200
"""The most characters of a value with parts: keys and certificates share theirs."""
_DROPPED = (re.compile(r"[^0-9a-z]+"), re.compile(r"[^a-z]+"))
"""What may stand between a value's characters; with digits too, because they may be numbered."""
_COLUMN = re.compile(r"(?m)(^[0-9a-fA-F]{6,16}: .*?) {2}.+$")
_OFFSETS = re.compile(r"(?m)^[0-9a-fA-F]{6,16}:?(?=\s)|\|.{1,16}\|$")
"""The offsets and the plain text of a dump, by `xxd` and others."""
_CODES = tuple(
    (
        re.compile(code),
        re.compile(rf"(?<![\w.])(?:{code}[^\w.]{{1,80}}){{{fewest},}}{code}(?!\w)"),
        base,
        digits,
    )
    for code, fewest, base, digits in (
        (r"[0-9]{2,3}", FEWEST, 10, 3),
        (r"(?:0o)?[0-7]{2,3}", FEWEST, 8, 3),
        (r"(?:0x)?(?:[0-9a-fA-F]{2})+", 3, 16, 2),
        (r"[01]{8}", FEWEST, 2, 8),
        # Two to eight bytes as one number of a machine, which begins with the last.
        (r"(?:0x)?(?:[0-9a-fA-F]{2}){2,8}", 3, 16, -2),
    )
)
"""How the codes of characters are written, by themselves and in a row, their base, and the most digits of one."""
_PACKED = re.compile(
    r"(?<![\w+/])[A-Za-z0-9+/]{16,}(?:\n[A-Za-z0-9+/]{60,})*(?:\n[A-Za-z0-9+/]+)?={0,2}"
    r"|(?<!\w)[A-Z2-7]{20,}(?:\n[A-Z2-7]{60,})*(?:\n[A-Z2-7]+)?"
)
"""Base64, of what compressors write or of an encoded text, and Base32."""
_HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}){20,}(?!\w)")
_OF_85 = r"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]"
_WHOLE = tuple(
    (re.compile(pattern, re.MULTILINE), decode)
    for pattern, decode in (
        (
            rf"(?<!{_OF_85})((?:[2-4A-Za-e]{_OF_85}{{4}}){{4}}{_OF_85}*(?:\n{_OF_85}+)*)",
            lambda text: base64.b85decode(text.replace("\n", "")),
        ),
        (r"(?<![!-u])(?:<~|b?['\"])?((?:[#-%+-I][!-u]{4}){4}[!-uz]*(?:\n[!-uz]+)*)", base64.a85decode),
        (
            r"^([!-M][ -`]{4,61}(?:\n[!-M][ -`]{4,61})*)$",
            lambda text: b"".join(map(a2b_uu, text.split("\n"))),
        ),
        (r"(?<![\w.])(\d{28,4300})(?![\w.])", lambda text: int(text).to_bytes(len(text) // 2)),
    )
)
"""Base85 of RFC 1924 and Ascii85, whose groups of five begin with few signs if they hold text; uuencode; a number."""
_MOST_UNPACKED, _MOST_MEMORY = 4_194_304, 100_000_000
"""In bytes; `xz -9` needs 65 MB, and a hostile text may say 4 GB."""
Finds = Callable[[str], bool]
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def hide_disguised(text: str, values: Collection[str], finds: Finds) -> str:
    """Return a text without the lines that show a value in another form; the same text if none does.

    A line is hidden as a whole, because it may show the value in another column too. The text shows no value as it is
    or in an encoding; the values are those of `needles`, and `finds` says whether a decoded text has a token.
    """
    pieces, end = [], 0
    for start, last in sorted((*_found(text, values), *_decoded(text, values, finds))):
        if last <= end:
            continue
        first = max(end, text.rfind("\n", 0, start) + 1)
        following = text.find("\n", last - 1)
        pieces += [text[end:first], HIDDEN]
        end = following if following >= 0 else len(text)
    return "".join((*pieces, text[end:]))


def needles(values: Iterable[str]) -> frozenset[str]:
    """Return the letters and digits of values that are long enough, and the letters alone: as they are and rotated.

    With them come parts of short values without words.
    """
    plain = [value.translate(_LOWER) for value in values]
    forms = [form for one in plain for form in (one, codecs.encode(one, "rot13"))]
    short = {dropped.sub("", one) for dropped in _DROPPED for one in forms}
    parts = {
        one[start : start + FEWEST]
        for one in short
        if len(one) <= _LONGEST
        for start in range(0, len(one) - FEWEST + 1, _STEP)
    }
    short |= {one for one in parts if _RANDOM.search(one)}
    return frozenset(one for one in short if len(one) >= FEWEST and len(set(one)) > FEWEST // 3)


def _found(text: str, values: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of values in a text."""
    yield from _matches(text, range(len(text)), values)
    bare = _COLUMN.sub(lambda match: match[1].ljust(len(match[0])), text)
    bare = _OFFSETS.sub(lambda match: " " * len(match[0]), bare)
    for code, row, base, digits in _CODES:
        coded = [
            (chr(int(one, base) % 128), match.start() + found.start())
            for match in (row.finditer(bare) if values else ())
            for found in code.finditer(match[0])
            for one in _split(found[0].removeprefix("0x").removeprefix("0o"), digits)
        ]
        if len(coded) >= FEWEST:
            yield from _matches("".join(sign for sign, _ in coded), [place for _, place in coded], values)


def _decoded(text: str, values: Collection[str], finds: Finds, depth: int = 2) -> Iterator[tuple[int, int]]:
    """Yield the places that hold tokens packed, or encoded as a whole, known or not; also several times."""
    packed = ((match, _unpacked(match[0])) for match in chain(_PACKED.finditer(text), _HEX.finditer(text)))
    whole = (
        (match, _decoded_by(decode, match[1]))
        for pattern, decode in _WHOLE
        for match in pattern.finditer(text)
    )
    for match, texts in chain(packed, whole):
        decoded = (one for one in texts if one.isprintable() or "\n" in one)
        if any(
            _matches(one, range(len(one)), values)
            or finds(one)
            or (depth and any(_decoded(one, values, finds, depth - 1)))
            for one in decoded
        ):
            yield match.span()


def _matches(signs: str, places: Sequence[int], values: Collection[str]) -> list[tuple[int, int]]:
    """Return the places of values in a text whose signs have places in another."""
    found, begun = list[tuple[int, int]](), _by_beginning(frozenset(values))
    signs = signs.translate(_LOWER)
    for dropped in _DROPPED:
        squeezed = dropped.sub("", signs)
        last = len(squeezed) - FEWEST + 1
        hits = [at for at in range(last) if squeezed[at : at + FEWEST] in begun] if begun else []
        kept = [place for place, sign in enumerate(signs) if not dropped.match(sign)] if hits else []
        for at in hits:
            found += [
                (places[kept[at]], places[kept[at + len(needle) - 1]] + 1)
                for needle in begun[squeezed[at : at + FEWEST]]
                if squeezed.startswith(needle, at)
            ]
    return found


@cache
def _by_beginning(values: frozenset[str]) -> Mapping[str, Collection[str]]:
    """Return values by their first characters, so that the time for a text does not depend on their number."""
    found: dict[str, list[str]] = {}
    for one in values:
        found.setdefault(one[:FEWEST], []).append(one)
    return found


def _split(code: str, digits: int) -> Iterator[str]:
    """Yield groups of digits; from the end if their number is negative."""
    size = abs(digits)
    starts = range(0, len(code), size)
    return (code[start : start + size] for start in (starts if digits > 0 else reversed(starts)))


def _decoded_by(decode: Callable[[str], bytes], text: str) -> Iterator[str]:
    """Yield what a text encodes, all of it or its first line, with or without a quotation mark at the end."""
    line = text.partition("\n")[0]
    for one in dict.fromkeys((text, line, line.rstrip("\"'"))):
        with suppress(ValueError):
            yield decode(one).decode("latin-1").strip("\0")


def _unpacked(text: str) -> Iterator[str]:
    """Yield what a text holds packed; nothing if it is no such text, and the beginning of a damaged one."""
    joined = "".join(text.split()).rstrip("=")
    if _HEX.fullmatch(joined):
        yield bytes.fromhex(joined).decode("latin-1")
    with suppress(ValueError):
        yield base64.b32decode(_padded(joined, 8)).decode("latin-1")
    with suppress(ValueError, OSError, EOFError, zlib.error, lzma.LZMAError):
        data = base64.b64decode(_padded(joined, 4))
        if data.startswith(b"BZh"):
            yield bz2.BZ2Decompressor().decompress(data, _MOST_UNPACKED).decode("latin-1")
        elif data.startswith(b"\xfd7zXZ"):
            yield (
                lzma.LZMADecompressor(memlimit=_MOST_MEMORY)
                .decompress(data, _MOST_UNPACKED)
                .decode("latin-1")
            )
        elif data.startswith(b"PK\3\4"):
            start = 30 + sum(int.from_bytes(data[at : at + 2], "little") for at in (26, 28))
            yield zlib.decompressobj(-15).decompress(data[start:], _MOST_UNPACKED).decode("latin-1")
        elif data.isascii():
            yield data.decode()
        else:
            yield zlib.decompressobj(47).decompress(data, _MOST_UNPACKED).decode("latin-1")


def _padded(text: str, size: int) -> str:
    """Return as much of a text as can be decoded in groups of some size."""
    kept = len(text) - (len(text) % size in (1, 3, 6) if size > 4 else len(text) % size == 1)
    return text[:kept] + "=" * (-kept % size)
