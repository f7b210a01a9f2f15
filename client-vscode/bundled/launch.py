"""Start Tokenward from the folder beside this file, with `-I -S` and the Python that the extension found."""

import os
import sys
from pathlib import Path

LIBRARIES = Path(__file__).resolve().parent / "libs"


def use_bundle() -> None:
    """Make the bundle importable, after Python's own modules so that it cannot replace any of them."""
    for packed in (LIBRARIES / "kingfisher_sdk").glob("*.xz"):
        if not packed.with_suffix("").exists():
            unpack(packed)
    sys.path.append(str(LIBRARIES))


def unpack(packed: Path) -> None:
    """Unpack a library too large for the extension's file; other processes see all of it or nothing."""
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
