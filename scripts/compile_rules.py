"""Compiles this checkout's rules for the engine that is installed here, unless they are."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

from tokenward.detection.catalog import BROUGHT
from tokenward.detection.engine import Detector

MADE_FROM, TAG = "made-from", "wheel-tag"
ENGINE = "kingfisher-secret-scanner"


def compile_rules() -> Path:
    """Return the folder of the checkout's compiled rules, which packages made from it bring, once it is up to date."""
    made_from = digest()
    if (BROUGHT / MADE_FROM).is_file() and (BROUGHT / MADE_FROM).read_text("utf-8") == made_from:
        return BROUGHT
    shutil.rmtree(BROUGHT, ignore_errors=True)
    # The engine refuses a folder that others can change, as a checkout often is.
    with tempfile.TemporaryDirectory() as place:
        Detector(Path(place)).load()
        whole = Path(shutil.copytree(place, tempfile.mkdtemp(dir=BROUGHT.parent), dirs_exist_ok=True))
    (whole / TAG).write_text(engine_tag(), "utf-8")
    (whole / MADE_FROM).write_text(made_from, "utf-8")
    for file in whole.iterdir():
        file.chmod(0o644)
    whole.chmod(0o755)
    whole.rename(BROUGHT)
    return BROUGHT


def digest() -> str:
    """Return a digest of all that decides what is compiled."""
    found = hashlib.sha256(f"{engine_tag()} {distribution(ENGINE).version}".encode())
    for path in sorted((ROOT / "server" / "tokenward" / "detection").rglob("*")):
        if path.suffix in {".py", ".yml", ".toml", ".txt"}:
            found.update(path.read_bytes())
    return found.hexdigest()


def engine_tag() -> str:
    """Return the tag of a wheel without Python's own, for the same systems as the engine's: `py3-none-PLATFORM`."""
    tags = (distribution(ENGINE).read_text("WHEEL") or "").splitlines()
    platform = next(line.rpartition("-")[2] for line in tags if line.startswith("Tag: "))
    return f"py3-none-{platform}"


if __name__ == "__main__":
    compile_rules()
