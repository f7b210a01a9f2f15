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
from itertools import chain, product

from tokenward.findings.known_values.encodings import FEWEST_UNKNOWN

HIDDEN = "[a token in another encoding]"
_RANDOM = re.compile(r"[a-z]+[0-9]+[a-z]")
"""A part has to match this: words, as in addresses, are not searched for by themselves."""
_LONGEST = 200
"""The most characters of a value with parts: keys and certificates share theirs."""
_PLAIN = re.compile(r"[0-9A-Za-z_.+/=~-]+")
"""Values with parts; others, such as URLs, hold much that is known."""
_PUBLIC = re.compile(r"[^0-9A-Za-z]+|T3BlbkFJ|^51[0-9A-Za-z]{20}|^AgE[0-9A-Za-z]{25}")
"""What is not random in a token: separators, OpenAI's mark, Stripe's account, PyPI's site."""
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
        (r"[0-9]{2,3}", FEWEST_UNKNOWN - 1, 10, 3),
        (r"(?:0o)?[0-7]{2,3}", FEWEST_UNKNOWN - 1, 8, 3),
        (r"(?:0x)?(?:[0-9a-fA-F]{2})+", 3, 16, 2),
        (r"[01]{8}", FEWEST_UNKNOWN - 1, 2, 8),
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
Needles = Mapping[str, Mapping[str, str]]
"""What is searched for, by its first characters, each with the value of which it is a part; empty for a whole one."""
_FEWEST_SIGNS = 4
"""Values of no more different letters and digits than these are not searched for."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def hide_disguised(text: str, values: Needles, finds: Finds, count: Callable[[str], object]) -> str:
    """Return a text without the lines that show a value in another form; the same text if none does.

    A line is hidden as a whole, because it may show the value in another column too. The text shows no value as it is
    or in an encoding. `finds` says whether a decoded text has a token; `count` receives each value seen only in part.
    """
    pieces, end, parts = [], 0, set[str]()
    for start, last in sorted((*_found(text, values, parts), *_decoded(text, values, finds, parts))):
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
    """Return the letters and digits of values, and the letters alone, with enough of them that no prefix makes public.

    With them come parts of random values: as many unknown characters each, side by side from the first on, and the last
    ones, so that of a value in two pieces the longer is hidden. With a part at each place, an agent that knows one
    could guess the rest a character at a time; of the last part, it has as many left to guess as of the whole value.
    """
    found: dict[str, dict[str, str]] = {}
    for value in values:
        public = max((one for one in prefixes if value.startswith(one)), key=len, default="")
        for form, dropped in product(_forms(value), _DROPPED):
            signs, shown = dropped.sub("", form), dropped.sub("", public.translate(_LOWER))
            if len(signs) - len(shown) >= FEWEST_UNKNOWN and len(set(signs)) > _FEWEST_SIGNS:
                found.setdefault(signs[:FEWEST_UNKNOWN], {})[signs] = ""
        for part in _parts(value, len(public)):
            for form in _forms(part):
                found.setdefault(form, {}).setdefault(form, value)
    return found


def _forms(text: str) -> Iterator[str]:
    """Yield a text in lower case as it is and backwards, each also rotated."""
    plain = text.translate(_LOWER)
    for form in (plain, plain[::-1]):
        yield from (form, codecs.encode(form, "rot13"))


def _parts(value: str, public: int) -> Iterator[str]:
    """Yield the parts of a value's longest random row; of a JWT, of its signature, because its claims may be known."""
    if len(value) > _LONGEST or not _PLAIN.fullmatch(value):
        return
    row = max(_PUBLIC.split(value[max(public, value.rfind(".") + 1) :]), key=len)
    last = len(row) - FEWEST_UNKNOWN
    for start in (*range(0, last, FEWEST_UNKNOWN), last) if last >= 0 else ():
        part = row[start : start + FEWEST_UNKNOWN]
        if _RANDOM.search(part.translate(_LOWER)) and len(set(part)) > _FEWEST_SIGNS:
            yield part


def _found(text: str, values: Needles, parts: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of values in a text."""
    yield from _matches(text, range(len(text)), values, parts)
    bare = _COLUMN.sub(lambda match: match[1].ljust(len(match[0])), text)
    bare = _OFFSETS.sub(lambda match: " " * len(match[0]), bare)
    for code, row, base, digits in _CODES:
        coded = [
            (chr(int(one, base) % 128), match.start() + found.start())
            for match in (row.finditer(bare) if values else ())
            for found in code.finditer(match[0])
            for one in _split(found[0].removeprefix("0x").removeprefix("0o"), digits)
        ]
        if len(coded) >= FEWEST_UNKNOWN:
            signs, places = "".join(sign for sign, _ in coded), [place for _, place in coded]
            yield from _matches(signs, places, values, parts)


def _decoded(
    text: str, values: Needles, finds: Finds, parts: set[str], depth: int = 2
) -> Iterator[tuple[int, int]]:
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
            _matches(one, range(len(one)), values, parts)
            or finds(one)
            or (depth and any(_decoded(one, values, finds, parts, depth - 1)))
            for one in decoded
        ):
            yield match.span()


def _matches(signs: str, places: Sequence[int], values: Needles, parts: set[str]) -> list[tuple[int, int]]:
    """Return the places of values in a text whose signs have places in another; add those without a whole one."""
    found, seen = list[tuple[int, int]](), set[tuple[str, str]]()
    signs = signs.translate(_LOWER)
    for dropped in _DROPPED if values else ():
        squeezed = dropped.sub("", signs)
        last = len(squeezed) - FEWEST_UNKNOWN + 1
        hits = [at for at in range(last) if squeezed[at : at + FEWEST_UNKNOWN] in values]
        kept = [place for place, sign in enumerate(signs) if not dropped.match(sign)] if hits else []
        for at in hits:
            for needle, value in values[squeezed[at : at + FEWEST_UNKNOWN]].items():
                if squeezed.startswith(needle, at):
                    found.append((places[kept[at]], places[kept[at + len(needle) - 1]] + 1))
                    seen.add((needle, value))
    whole = [needle for needle, value in seen if not value]
    parts |= {value for needle, value in seen if value and not any(needle in one for one in whole)}
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
