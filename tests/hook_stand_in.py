"""A program in the place of `tokenward agents hook DIALECT`, which answers each agent in its grammar.

The file `mode` beside it says how: `guards`, `lets` (everything through), `crashes`, `denies` (everything), `repeats`
(the token in its reason) or `babbles` (no answer in the grammar). A shell answers where the input does not matter,
since Python takes ten times as long. It knows a token by its opening and writes each answer out, so that it shares
nothing with the product.
"""

from __future__ import annotations

import json
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TOKEN = re.compile("gl" + r"pat-\w{20}")
PROGRAM = f"""#!/bin/sh
mode=$(cat "${{0%/*}}/mode")
case $mode in
crashes) exit 1 ;;
babbles) echo "Loading …" ;;
lets) echo "{{}}" ;;
*) exec {sys.executable} -IS {__file__} "$mode" "$@" ;;
esac
"""
"""The text of the program."""
MASKING = "sed 's/gl" + "pat-.*/masked/'"


HARMLESS = {
    "cursor": '{"permission": "allow", "continue": true}',
    "gemini-cli": "{}",
    "antigravity": '{"decision": "allow"}',
    "vibe": "{}",
    "cline": '{"cancel": false}',
    "opencode": "{}",
}
"""The answers that change nothing, where silence is none."""


def read(value: Any) -> Any:
    """Return a value with the JSON that is in its texts."""
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def texts(value: Any) -> list[str]:
    value = read(value)
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def command_of(value: Any) -> str | None:
    value = read(value)
    if not isinstance(value, dict):
        return None
    for key in ("command", "CommandLine", "command_line"):
        if isinstance(value.get(key), str):
            return str(value[key])
    return next(filter(None, map(command_of, value.values())), None)


def is_file_with_token(text: str) -> bool:
    try:
        with open(text, encoding="utf-8") as file:  # noqa: PTH123 - pathlib loads more slowly than all of the rest
            return bool(TOKEN.search(file.read()))
    except (OSError, ValueError):
        return False


def answer(
    dialect: str, payload: dict[str, Any], *, deny: bool, command: str | None, masked: bool
) -> tuple[int, Any]:
    """Return the exit code and the JSON of an answer."""
    specific: dict[str, Any] = {
        "hookEventName": payload.get("hook_event_name", payload.get("hookEventName", ""))
    }
    match dialect:
        case "claude-code" | "codex" | "vscode" | "junie":
            if masked and dialect == "codex":
                return 0, {"decision": "block", "reason": "masked"}
            if masked:
                return 0, {"hookSpecificOutput": {**specific, "updatedToolOutput": {"stdout": "masked"}}}
            if deny and "prompt" in payload:
                return (2, None) if dialect == "vscode" else (0, {"decision": "block", "reason": "no"})
            if deny:
                return 0, {"hookSpecificOutput": {**specific, "permissionDecision": "deny"}}
            if dialect == "codex":
                specific["permissionDecision"] = "allow"
            return 0, {"hookSpecificOutput": {**specific, "updatedInput": {"command": command}}}
        case "cursor":
            if "prompt" in payload:
                return 0, {"continue": False}
            return 0, {"permission": "deny"} if deny else {
                "permission": "allow",
                "updated_input": {"command": command},
            }
        case "copilot-cli":
            if masked:
                return 0, {"modifiedResult": {"resultType": "success", "textResultForLlm": "masked"}}
            if "transformedPrompt" in payload:
                return 0, {"modifiedTransformedPrompt": "use keyring://acme/TOKEN"}
            if deny:
                return 0, {"decision": "block"} if "prompt" in payload else {"permissionDecision": "deny"}
            return 0, {"modifiedArgs": {"command": command}}
        case "gemini-cli":
            if deny or masked:
                return 0, {"decision": "deny", "reason": "masked"}
            return 0, {"hookSpecificOutput": {"tool_input": {"command": command}}}
        case "antigravity":
            return 0, {"decision": "deny"} if deny else {
                "decision": "allow",
                "overwrite": {"CommandLine": command},
            }
        case "vibe":
            if deny or masked:
                return 0, {"decision": "deny", "reason": "masked"}
            return 0, {"hook_specific_output": {"tool_input": {"command": command}}}
        case "cline":
            return 0, {"cancel": True, "errorMessage": "no"}
        case "goose" | "kiro" | "devin":
            return 2, None
        case "opencode":
            if masked:
                return 0, {"output": "masked"}
            return 0, {"deny": "no"} if deny else {"args": {"command": command}}
    raise AssertionError(dialect)


def main() -> None:
    mode, *words = sys.argv[1:]
    assert words[:2] == ["agents", "hook"]
    dialect, payload = words[2], json.load(sys.stdin)
    has_token = bool(TOKEN.search(json.dumps(payload)))
    event = str(payload).casefold()
    masked = has_token and ("tool_response" in event or "toolresult" in event or "tool_output" in event)
    masked = masked or (has_token and payload.get("event") == "tool.execute.after")
    command = command_of(payload)
    reads = any(map(is_file_with_token, texts(payload)))
    deny = not masked and (has_token or (reads and not command) or (mode == "denies" and not command))
    if mode == "guards" and not (deny or masked or command):
        print(HARMLESS.get(dialect, ""))
        return
    code, found = answer(
        dialect, payload, deny=deny, command=command and f"{command} | {MASKING}", masked=masked
    )
    if mode == "repeats":
        print(json.dumps({**(found or {}), "why": (TOKEN.search(json.dumps(payload)) or [""])[0]}))
    elif found is not None:
        print(json.dumps(found))
    if code:
        print("no", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
