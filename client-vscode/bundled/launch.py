"""Starts Tokenward from the folder beside this file, under the Python that the extension found, by `-I -S`."""

import os
import sys
from pathlib import Path

LIBRARIES = Path(__file__).resolve().parent / "libs"


def use_bundle() -> None:
    """Let the bundle be imported: behind Python's own modules, which nothing of it may stand in for."""
    for packed in (LIBRARIES / "kingfisher_sdk").glob("*.xz"):
        if not packed.with_suffix("").exists():
            unpack(packed)
    sys.path.append(str(LIBRARIES))


def unpack(packed: Path) -> None:
    """Unpack what would be too large for the extension's file; whoever looks sees all of it or nothing."""
    import lzma  # noqa: PLC0415 - needed once, and some Pythons lack it

    target = packed.with_suffix("")
    part = packed.with_suffix(f".{os.getpid()}")
    part.write_bytes(lzma.decompress(packed.read_bytes()))
    try:
        part.replace(target)
    except OSError:
        part.unlink()
        # Another window was faster, and has it loaded.
        if not target.exists():
            raise


if __name__ == "__main__":
    use_bundle()
    from tokenward.cli.main import main

    main()
