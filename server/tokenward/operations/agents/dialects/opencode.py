"""opencode, whose hooks are a JavaScript plugin. Ours asks this program, and throws unless it gets an answer.

The plugin sends an object with `event` (`tool.execute.before`, `tool.execute.after` or `chat.message`), `directory`,
and `tool` and `args`, `output`, or `text`. An answer is one object: `{}` changes nothing, `{"deny": REASON}` throws,
and `{"args": …}`, `{"output": …}` and `{"text": …}` replace that part.
"""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, HookAnswer, answer_json, answering
from tokenward.operations.agents.dialects.payload import MalformedPayload, Payload, tool_event, tools
from tokenward.operations.agents.event import AgentEvent, EventKind

TOOLS = tools(
    shells="bash",
    reads="read",
    writes="write edit multiedit patch apply_patch",
    searches="grep glob",
)


def parse(payload: Payload) -> AgentEvent:
    """Return the event that OpenCode's payload describes; MalformedPayload if it describes none."""
    name, folder = payload.text("event"), payload.optional("directory")
    match name:
        case "tool.execute.before":
            return tool_event(name, payload.text("tool"), payload.object("args"), TOOLS, folder)
        case "tool.execute.after":
            tool, output = payload.text("tool"), payload.text("output")
            return AgentEvent(EventKind.RESULT, name, tool, folder, output=output)
        case "chat.message":
            return AgentEvent(EventKind.PROMPT, name, folder=folder, prompt=payload.text("text"))
    raise MalformedPayload("event")


def closed(reason: str) -> HookAnswer:
    """Return the answer on which the plugin throws."""
    return answer_json({"deny": reason})


DIALECT = Dialect(
    "opencode",
    "opencode",
    "1.18.33",
    "@opencode-ai/plugin 1.18.33 dist/index.d.ts, November 2026",
    Ability.REWRITE_INPUT | Ability.REPLACE_OUTPUT | Ability.REPLACE_FAILURE | Ability.REWRITE_PROMPT,
    (
        ".opencode/plugin",
        ".opencode/plugins",
        "opencode/plugin",
        "opencode/plugins",
        "opencode.json",
        "opencode.jsonc",
    ),
    parse,
    answering(
        closed,
        allow={"": {}},
        rewrite={"": {"args": "<input>"}},
        replace={"": {"output": "<text>"}},
        prompt={"": {"text": "<prompt>"}},
    ),
    closed,
)
