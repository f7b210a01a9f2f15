"""Moved files of assistants, as the parsers of their formats read them."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import Any

import pytest
import yaml

from rewriting.readers import agents_samples, editors_samples
from rewriting.readers.samples import Sample

RUN = ["run", "--no-env-file", "--"]
BY_SHELL = ["sh", "-c"]
SAMPLES = [one for one in (*agents_samples.SAMPLES, *editors_samples.SAMPLES) if one.reader != "REST Client"]


def parsed(path: str, text: str) -> Any:
    if path.endswith(".toml"):
        return tomllib.loads(text)
    if path.endswith((".yml", ".yaml")):
        return yaml.safe_load(text)
    # VS Code, Cursor, opencode and Zed read comments and trailing commas.
    plain = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", plain))


def helped(command: str) -> dict[str, str]:
    """Return the headers that Claude Code gets from a command, which it gives to a shell."""
    program, *arguments = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [program, *arguments[:2]] == ["tokenward", "credential", "headers"]
    return dict(argument.split(": ", 1) for argument in arguments[2:])


def started(value: Any) -> Any:
    """Return a file with its programs and their arguments as they are started, and T0K for each lookup."""
    if isinstance(value, str):
        look_ups = r"keyring://acme/API_KEY|\$\{(?:env:|input:)?API_KEY\}|\{env:API_KEY\}|\bAPI_KEY\b"
        return re.sub(look_ups, "T0K", value)
    if isinstance(value, list):
        words = value[1 + len(RUN) :] if value[: 1 + len(RUN)] == ["tokenward", *RUN] else value
        # The editor gives a shell task's command to a shell too.
        return [started(item) for item in (words[2:] if words[:2] == BY_SHELL else words)]
    if not isinstance(value, dict):
        return value
    if str(value.get("headersHelper", "")).startswith("tokenward "):
        # Claude Code takes its headers for those of the same name.
        headers = value["headers"] | helped(value["headersHelper"])
        return started({**value, "headers": headers} | {"headersHelper": ""})
    if (helper := str(value.get("apiKeyHelper", ""))).startswith("tokenward "):
        # Claude Code has the key from what it prints, if no variable has it.
        assert helper == "tokenward credential key keyring://acme/API_KEY"
        variables = {name.removeprefix("//"): item for name, item in value["env"].items()}
        return started({**value, "env": variables} | {"apiKeyHelper": ""})
    kept = {key: started(item) for key, item in value.items() if item != "" and key not in ("inputs", "args")}
    for key in {"command", "cmd", "path"} & value.keys():
        if isinstance(value[key], str):
            kept[key] = started([value[key], *value.get("args", [])])
    if by_variable := kept.pop("env_http_headers", None):
        kept["http_headers"] = kept.get("http_headers", {}) | by_variable
    return kept


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.reader}: {sample.path}")
def test_a_moved_file_starts_the_same_programs_with_the_same_arguments_and_variables(sample: Sample) -> None:
    before, after = (started(parsed(sample.path, text)) for text in (sample.text, sample.moved))
    if sample.reader == "Codex":
        # The variable has the whole header.
        before = json.loads(json.dumps(before).replace("Bearer T0K", "T0K"))
    assert after == before
