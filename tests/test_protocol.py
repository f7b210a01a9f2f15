"""Generated files match protocol.json, and the server implements all of it."""

from __future__ import annotations

import subprocess
import sys

import fastjsonschema
import pytest

from protocol_schema import PROTOCOL
from test_house import ROOT
from tokenward.lsp.loading import LoadingScanner
from tokenward.lsp.server import create_server
from tokenward.places import Places

TYPES = PROTOCOL["$defs"]


def test_everything_generated_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/protocol.py", "--check"], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_server_serves_every_command_and_message() -> None:
    server = create_server(Places.of_user(), LoadingScanner())
    manager = server.protocol.fm
    assert {name for name in manager.commands if name.startswith("tokenward.")} == PROTOCOL["commands"].keys()
    to_server = {method for method, row in PROTOCOL["messages"].items() if row["to"] == "server"}
    assert {method for method in manager.features if method.startswith("tokenward/")} == to_server


@pytest.mark.parametrize("name", TYPES)
def test_every_type_is_a_valid_schema(name: str) -> None:
    validate = fastjsonschema.compile({"$ref": f"#/$defs/{name}", "$defs": TYPES})
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        validate("no object")
