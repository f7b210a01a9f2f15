"""Start Tokenward from the folder beside this file, with `-I -S` and the Python that the extension found."""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib takes a while to load


def use_bundle() -> None:
    """Make the bundle importable, after Python's own modules so that it cannot replace any of them."""
    sys.path.append(os.path.join(FOLDER, "libs"))  # noqa: PTH118


if __name__ == "__main__":
    use_bundle()
    # The stand-alone program, which agents' hooks then name.
    program = os.path.join(FOLDER, "tokenward.exe" if os.name == "nt" else "tokenward")  # noqa: PTH118
    if os.path.exists(program):  # noqa: PTH110
        sys.argv[0] = program
    from tokenward.cli.main import agent_shell, main

    # What the program beside it for agents' shells asks for.
    (agent_shell if "agent-shell" in sys._xoptions else main)()  # noqa: SLF001 - documented
