"""Libraries and programs of Linux without what loading them ignores; the same bytes on every machine."""

from __future__ import annotations

import struct

HEADER, SEGMENT, SECTION = map(struct.Struct, ("<32sQQI6H", "<IIQQQQQQ", "<IIQQQQIIQQ"))
LOADED, ALIGNED = 2, 8


def without_symbols(file: bytes) -> bytes:
    """Return a 64-bit ELF file without debug information and symbols for debuggers; any other file as it is."""
    if not file.startswith(b"\x7fELF\x02\x01"):
        return file
    start, first_segment, first_section, flags, *sizes, sections, names = HEADER.unpack_from(file)
    table = list(SECTION.iter_unpack(file[first_section : first_section + sections * SECTION.size]))
    kept = [section for section in table if section[2] & LOADED]
    # What is loaded names other sections by their numbers, which must stay.
    if table[1 : len(kept) + 1] != kept:
        return file
    segments = SEGMENT.iter_unpack(file[first_segment : first_segment + sizes[2] * SEGMENT.size])
    content = aligned(file[: max(segment[2] + segment[5] for segment in segments)])
    kind, (place, length), rest = table[names][:4], table[names][4:6], table[names][6:]
    rows = (table[0], *kept, (*kind, len(content), length, *rest))
    content += aligned(file[place : place + length])
    header = HEADER.pack(start, first_segment, len(content), flags, *sizes, len(rows), len(rows) - 1)
    return header + content[HEADER.size :] + b"".join(SECTION.pack(*row) for row in rows)


def aligned(content: bytes) -> bytes:
    return content + bytes(-len(content) % ALIGNED)
