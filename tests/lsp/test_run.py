"""The types of the protocol as the server imports them: the same as any other program's, in half the time."""

from __future__ import annotations

import subprocess
import sys

from lsprotocol import types

SPOT = "types.Range(types.Position(1, 2), types.Position(1, 3))"
MADE = [
    f"types.TextEdit({SPOT}, 'new')",
    f"types.TextEdit({SPOT}, 'other')",
    f"types.Diagnostic({SPOT}, 'message', severity=types.DiagnosticSeverity.Error)",
    f"types.Location('file:///a', {SPOT})",
    "types.Position(1, 2)",
]
PROGRAM = f"""
from tokenward.lsp.run import import_types
import_types()
from lsprotocol import types
made, copies = [{", ".join(MADE)}], [{", ".join(MADE)}]
print([repr(one) for one in made])
print([[one == other for other in copies] for one in made])
print([kind.__hash__ is None for kind in map(type, made)])
print(types.TextEdit.__eq__.__code__ is types.Diagnostic.__eq__.__code__)
"""


def test_the_protocols_types_compare_and_show_as_usual_but_with_the_same_functions() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    made = [eval(one, {"types": types}) for one in MADE]
    assert done.stdout.splitlines() == [
        str([repr(one) for one in made]),
        str([[number == other for other in range(len(made))] for number in range(len(made))]),
        str([type(one).__hash__ is None for one in made]),
        "True",
    ]
    assert types.TextEdit.__eq__.__code__ is not types.Diagnostic.__eq__.__code__
