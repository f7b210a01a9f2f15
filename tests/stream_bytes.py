"""Random streams of bytes as terminals receive them, and ways to cut them into chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import strategies as st

CONTROLS = [
    *(
        b"\n",
        b"\r\n",
        b"\r",
        b"\r\r\n",
        b"\x08",
        b"\x08\x08\x08",
        b"\t",
        b"\x00",
        b"\x07",
        b"\x0b",
        b"\x7f",
        b"\x18",
    ),
    *(
        b"\x1b[K",
        b"\x1b[1K",
        b"\x1b[2K",
        b"\x1b[J",
        b"\x1b[2J",
        b"\x1b[?K",
        b"\x1b[3X",
        b"\x1b[2P",
        b"\x1b[4@",
    ),
    *(b"\x1b[31m", b"\x1b[m", b"\x1b[38;2;1;2;3m", b"\x1b[38:5:1m", b"\x1b[>4;1m", b"\x1b[2 q", b"\x1b[?25l"),
    *(b"\x1b[10C", b"\x1b[5D", b"\x1b[3G", b"\x1b[4`", b"\x1b[9999C", b"\x1b[0D", b"\x1b[;5C"),
    *(
        b"\x1b[H",
        b"\x1b[2;1H",
        b"\x1b[3;7H",
        b"\x1b[A",
        b"\x1b[2d",
        b"\x1b[?1049h",
        b"\x1b[1;5r",
        b"\x1bM",
        b"\x1b8",
    ),
    *(b"\x1b(B", b"\x1b)0", b"\x0e", b"\x0f", b"\x1b=", b"\x1b#8"),
    *(
        b"\x1b]0;title\x07",
        b"\x1b]8;;http://x.example/\x1b\\",
        b"\x1b]8;;\x1b\\",
        b"\x1bP1$r\x1b\\",
        b"\x1b_Ga\x1b\\",
    ),
    *(b"\xc2\x9b31m", b"\xc2\x9d0;t\xc2\x9c", b"\xc2\x85", b"\x1b]unended\x1b[m"),
]
HALVES = [
    b"\x1b",
    b"\x1b[",
    b"\x1b[3",
    b"\x1b]",
    b"\x1b_",
    b"\x1b(",
    b"\xc2",
    b"\xc2\x9b",
    b"\xe2\x82",
    b"\xf0\x9f",
    b"\xff",
]
STREAMS = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.text("abc 1é€😀́漢", min_size=1, max_size=90).map(str.encode),
        st.sampled_from(CONTROLS),
        st.sampled_from(HALVES),
        st.binary(max_size=12),
    ),
    max_size=40,
).map(b"".join)
WIDTHS = st.sampled_from([0, 0, 1, 10])


def portions(data: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    """Yield a stream in chunks that end at the given cuts, each modulo the stream's length."""
    last = 0
    for cut in sorted(cut % (len(data) + 1) for cut in cuts):
        yield data[last:cut]
        last = cut
    yield data[last:]


CUTS = st.lists(st.integers(0, 1 << 30), max_size=12)
