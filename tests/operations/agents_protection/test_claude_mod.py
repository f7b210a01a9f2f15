"""The mod for Claude Code leaves out what got no answer, or an odd one, and keeps the shape of a message."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

MOD = files("tokenward.operations.agents_protection") / "claude_mod" / "hooks" / "register.js"
NODE = shutil.which("node")
APPEND = """
import { register } from "./register.mjs";
const [content, run] = JSON.parse(process.argv[2]);
let hook;
register((name, found) => { hook = found; return { catch() {} }; });
const $ = {
  session: { cwd: async () => "/" },
  process: { run: async () => { if (!run) throw new Error("no such program"); return run; } },
};
const e = { door: "attachment", origin: { kind: "engine" }, message: { name: "x", content } };
const sent = await hook($, e, (given) => given);
console.log(JSON.stringify(sent.message.content));
"""
BLOCKS = [
    {"type": "text", "text": "words"},
    {"type": "tool_result", "tool_use_id": "1", "content": "more words"},
]
PICTURE = {"type": "image", "source": "x"}


def appended(tmp_path: Path, content: object, run: object) -> Any:
    """Return what the model gets of a message when the hook's program ends so."""
    tmp_path.joinpath("register.mjs").write_text(MOD.read_text("utf-8").replace("$COMMAND", '["tokenward"]'))
    script = tmp_path / "append.mjs"
    script.write_text(APPEND)
    command = [str(NODE), str(script), json.dumps([content, run])]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


def answer(output: object, code: int = 0) -> dict[str, object]:
    printed = (
        output
        if isinstance(output, str)
        else json.dumps({"hookSpecificOutput": {"updatedToolOutput": output}})
    )
    return {"exitCode": code, "stdout": printed}


ODD = {
    "no program": None,
    "a failure": answer("", 1),
    "no JSON": answer("Traceback"),
    "a denial": answer('{"decision": "block"}'),
    "nothing in it": answer('{"hookSpecificOutput": {}}'),
    "null": answer("null"),
    "a number": answer(5),
    "too few parts": answer(BLOCKS[:1]),
    "too many parts": answer([*BLOCKS, *BLOCKS]),
    "parts that are none": answer(["a", None]),
    "all withheld": answer(
        [{"type": "[withheld]", "text": ""}, {"type": "", "tool_use_id": "", "content": ""}]
    ),
}


@pytest.mark.skipif(NODE is None, reason="needs Node.js")
@pytest.mark.parametrize("name", ODD)
def test_of_an_odd_answer_nothing_is_sent_but_a_message_of_the_same_shape(tmp_path: Path, name: str) -> None:
    sent = appended(tmp_path, [PICTURE, *BLOCKS], ODD[name])
    assert [one["type"] for one in sent] == ["image", "text", "tool_result"]
    assert sent[2]["tool_use_id"] == "1"
    assert all("could not check" in text for text in (sent[1]["text"], sent[2]["content"]))
    if name not in ("too few parts", "too many parts", "parts that are none", "all withheld", "a number"):
        assert "could not check" in appended(tmp_path, "words", ODD[name])


@pytest.mark.skipif(NODE is None, reason="needs Node.js")
def test_a_message_is_sent_as_the_program_answers(tmp_path: Path) -> None:
    assert appended(tmp_path, [PICTURE, *BLOCKS], answer("")) == [PICTURE, *BLOCKS]
    changed = [{"type": "text", "text": "****"}, BLOCKS[1]]
    assert appended(tmp_path, [PICTURE, *BLOCKS], answer(changed)) == [PICTURE, *changed]
    assert appended(tmp_path, "words", answer("")) == "words"
    masked = json.dumps({"hookSpecificOutput": {"updatedToolOutput": "****"}})
    assert appended(tmp_path, "words", answer(masked)) == "****"
