"""Says in one line of JSON whether this Python can run the bundle; any Python 3 can read this file."""

import json
import re
import runpy
import sys
from pathlib import Path

# What fits one processor, system and kind of Python only, and what some Pythons lack.
DECISIVE = ("ctypes", "sqlite3", "_cffi_backend", "tree_sitter", "kingfisher_sdk")


def fault() -> str:
    """What keeps this Python from running the bundle, such as a missing library; empty when nothing does."""
    if sys.version_info < (3, 11):  # noqa: UP036 - that is the question
        return "version"
    try:
        runpy.run_path(str(Path(__file__).with_name("launch.py")))["use_bundle"]()
        for name in DECISIVE:
            __import__(name)
    except Exception as error:  # noqa: BLE001 - a native module may fail in any way
        missing = re.search(r"(\S+): cannot open shared object", str(error))
        return missing.group(1) if missing else type(error).__name__
    return ""


if __name__ == "__main__":
    version = ".".join(map(str, sys.version_info[:3]))
    answer = {"executable": sys.executable, "version": version, "fault": fault()}
    sys.stdout.write(json.dumps(answer) + "\n")
