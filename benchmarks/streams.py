"""Throughput of watching and masking on one core, and memory over a long stream.

    python benchmarks/streams.py [--megabytes 64] [--gigabytes 0]

Streams of several kinds are made in memory and read in chunks of 64 kB, as from a pipe. `read` does nothing with them,
`decode` decodes the text, and `grep` and `rg`, if installed, search only for the tokens' prefix. With `--gigabytes`,
that amount of plain logs is masked, and peak memory is printed as it grows.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import tokens
from tokenward.detection.engine import Detector
from tokenward.findings.stream.masking import Masker
from tokenward.findings.stream.stream_scan import StreamScanner

MEGABYTE = 1_000_000
PORTION = 65_536
PREFIX = tokens.github()[:4]


def main() -> None:
    options = _options()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, one of {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        detector = Detector(Path(folder))
        detector.load()
        print(f"{'MB/s':24}" + "".join(f"{name:>10}" for name in (*_ways(detector), "grep", "rg")))
        for kind, (line, share) in KINDS.items():
            data = _stream(line, int(options.megabytes * MEGABYTE * share))
            rates = [_rate(way, data) for way in _ways(detector).values()]
            peers = [_peer_rate([program, "-c", PREFIX], data, Path(folder)) for program in ("grep", "rg")]
            print(f"{kind:24}" + "".join(f"{rate:10,.1f}" for rate in rates) + "".join(peers), flush=True)
        if options.gigabytes:
            _go_on(detector, options.gigabytes)


def _ways(detector: Detector) -> dict[str, Callable[[Iterator[bytes]], None]]:
    return {
        "read": lambda portions: _exhaust(map(len, portions)),
        "decode": lambda portions: _exhaust(
            portion.decode("utf-8", "surrogateescape") for portion in portions
        ),
        "watch": lambda portions: _watch(detector, portions),
        "mask": lambda portions: _mask(detector, portions),
    }


def _plain(number: int) -> str:
    return (
        f"2026-11-25T15:{number // 60 % 60:02}:{number % 60:02}.123Z INFO worker-{number % 16} handled GET "
        f"/api/v1/items/{number} in {number % 97} ms status=200 bytes={number * 37 % 9999}\n"
    )


def _coloured(number: int) -> str:
    return (
        f"\x1b[2m2026-11-25T15:{number // 60 % 60:02}:{number % 60:02}.123Z\x1b[0m \x1b[32m INFO\x1b[0m "
        f"\x1b[1mworker-{number % 16}\x1b[0m handled \x1b[36mGET\x1b[0m /api/v1/items/{number} in {number % 97} ms\n"
    )


def _bar(number: int) -> str:
    done = number % 51
    return f"\r{done * 2:3}%|{'█' * done:50}| {done * 20}/1000 [00:{done:02}<00:51, 990.10it/s]" + "\n" * (
        done == 50
    )


def _hostile(number: int) -> str:
    return (
        "\b/\b-",
        "\r\x1b[@x",
        "\x1b[9999Ca",
        "ab\bc\n",
        "\x1b]0;t\x07",
        "e\u0301" * 9,
        "\0\x1b[m\xff",
        "x\x1b[2K",
    )[number % 8]


KINDS: dict[str, tuple[Callable[[int], str], float]] = {
    "plain logs": (_plain, 1.0),
    "coloured logs": (_coloured, 0.25),
    "progress bars": (_bar, 0.06),
    "hostile mix": (_hostile, 0.01),
}
"""A line of each kind, and the share of the megabytes to measure with it."""


def _stream(line: Callable[[int], str], size: int) -> bytes:
    """Return a stream of a kind and size, with a token in each megabyte."""
    parts: list[bytes] = []
    length = megabytes = number = 0
    while length < size:
        if length >= megabytes * MEGABYTE:
            parts.append(f"\ntoken: {tokens.github(megabytes)}\n".encode())
            megabytes += 1
        parts.append(line(number).encode())
        length += len(parts[-1])
        number += 1
    return b"".join(parts)


def _portions(data: bytes) -> Iterator[bytes]:
    return (data[start : start + PORTION] for start in range(0, len(data), PORTION))


def _exhaust(things: Iterator[object]) -> None:
    for _ in things:
        pass


def _watch(detector: Detector, portions: Iterator[bytes]) -> None:
    scanner = StreamScanner(detector)
    for portion in portions:
        _exhaust(scanner.feed(portion))
    _exhaust(scanner.finish())


def _mask(detector: Detector, portions: Iterator[bytes]) -> None:
    masker = Masker(StreamScanner(detector))
    for portion in portions:
        masker.feed(portion)
        masker.sightings.clear()
    masker.finish()


def _rate(way: Callable[[Iterator[bytes]], None], data: bytes) -> float:
    """Return the best of three runs, in megabytes a second."""
    best = min(_seconds(lambda: way(_portions(data))) for _ in range(3))
    return len(data) / MEGABYTE / best


def _peer_rate(command: list[str], data: bytes, folder: Path) -> str:
    if not shutil.which(command[0]):
        return f"{'-':>10}"
    file = folder / "stream"
    file.write_bytes(data)
    best = min(
        _seconds(lambda: subprocess.run([*command, file], check=False, capture_output=True)) for _ in range(3)
    )
    return f"{len(data) / MEGABYTE / best:10,.1f}"


def _seconds(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def _go_on(detector: Detector, gigabytes: float) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    part, masker = _stream(_plain, 16 * MEGABYTE), Masker(StreamScanner(detector))
    done, start, told = 0, time.perf_counter(), 0
    while done < gigabytes * 1000 * MEGABYTE:
        for portion in _portions(part):
            masker.feed(portion)
            masker.sightings.clear()
        done += len(part)
        if done >= told:
            told += int(gigabytes * 100 * MEGABYTE)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            rate = done / MEGABYTE / (time.perf_counter() - start)
            print(
                f"masked {done / MEGABYTE / 1000:8.2f} GB at {rate:6.1f} MB/s, peak {peak:6.0f} MB",
                flush=True,
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=64)
    parser.add_argument("--gigabytes", type=float, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
