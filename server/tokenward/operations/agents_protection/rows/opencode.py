"""opencode, whose plugin asks the hook's command about each event, and stops whatever gets no answer."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tokenward.operations.agents_protection.credential_files import OURS, STORES
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.operations.agents_protection.protected_agent import (
    Aim,
    HookPoint,
    OnFailure,
    ProtectedAgent,
    SettingsTarget,
    Stage,
)
from tokenward.operations.agents_protection.rows.hook_files import constant
from tokenward.rewriting.settings_files.setting_entry import SettingEntry

PLUGIN = """\
// Tokenward: asks `tokenward agents hook` about prompts, tools and their outputs. Without an answer, nothing goes on.
import { spawn } from "node:child_process";

const COMMAND = $COMMAND;
const LIMIT = 30000;
const NO_ANSWER = "Tokenward could not check this, so it was stopped; run `tokenward agents check`.";

function ask(payload) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error(NO_ANSWER));
    const child = spawn(COMMAND[0], COMMAND.slice(1), { stdio: ["pipe", "pipe", "ignore"] });
    const timer = setTimeout(() => { child.kill("SIGKILL"); stop(); }, LIMIT);
    const chunks = [];
    child.on("error", () => { clearTimeout(timer); stop(); });
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.on("close", (code) => {
      clearTimeout(timer);
      try {
        const answer = JSON.parse(Buffer.concat(chunks).toString("utf8"));
        if (code !== 0 || answer === null || typeof answer !== "object") return stop();
        if (answer.deny !== undefined) return reject(new Error(String(answer.deny)));
        resolve(answer);
      } catch { stop(); }
    });
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(payload));
  });
}

export const Tokenward = async ({ directory }) => ({
  "chat.message": async (_input, output) => {
    for (const part of output.parts.filter((one) => one.type === "text")) {
      const answer = await ask({ event: "chat.message", directory, text: part.text });
      if (typeof answer.text === "string") part.text = answer.text;
    }
  },
  "tool.execute.before": async (input, output) => {
    const call = { tool: input.tool, args: output.args ?? {} };
    const answer = await ask({ event: "tool.execute.before", directory, ...call });
    if (answer.args) Object.assign(output.args, answer.args);
  },
  "tool.execute.after": async (input, output) => {
    const masked = async (text) => {
      const call = { tool: input.tool, args: input.args ?? {}, output: String(text ?? "") };
      try {
        const answer = await ask({ event: "tool.execute.after", directory, ...call });
        return typeof answer.output === "string" ? answer.output : text;
      } catch (error) {
        return error.message;
      }
    };
    if (!Array.isArray(output.content)) {
      output.output = await masked(output.output);
      return;
    }
    // The result of an MCP server has parts.
    for (const part of output.content) {
      if (typeof part.text === "string") part.text = await masked(part.text);
      if (typeof part.resource?.text === "string") part.resource.text = await masked(part.resource.text);
    }
    if (output.structuredContent !== undefined) {
      const text = JSON.stringify(output.structuredContent);
      if ((await masked(text)) !== text) delete output.structuredContent;
    }
  },
});
"""

_OPENCODE = "{XDG_CONFIG_HOME|~/.config}/opencode"


def _plugin(command: HookCommand, _points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
    return (SettingEntry((), PLUGIN.replace("$COMMAND", json.dumps(command.words))),)


# Beside them are outputs that were too long, which the model is told to read.
_TRANSCRIPTS = tuple(f"~/.local/share/opencode/{one}" for one in ("auth.json", "opencode.db*", "storage/**"))
_DENIED = (
    *(("read", place) for place in (*STORES, *OURS, *_TRANSCRIPTS)),
    *(("edit", place) for place in ("~/.config/opencode/**", *OURS)),
)
_DENIALS = constant(*(SettingEntry(("permission", *rule), "deny", in_list=False) for rule in _DENIED))

OPENCODE = ProtectedAgent(
    name="opencode",
    dialect="opencode",
    programs=("opencode",),
    folders=(_OPENCODE, ".opencode"),
    files=(
        SettingsTarget(f"{_OPENCODE}/plugin/tokenward.js", "script", Aim.HOOKS, _plugin),
        SettingsTarget(f"{_OPENCODE}/opencode.json", "json", Aim.DENIALS, _DENIALS),
    ),
    points=(
        HookPoint("chat.message", Stage.PROMPT, OnFailure.BLOCKS),
        HookPoint("tool.execute.before", Stage.BEFORE, OnFailure.BLOCKS),
        HookPoint("tool.execute.after", Stage.AFTER, OnFailure.BLOCKS),
    ),
    source="@opencode-ai/plugin 1.18.33 dist/index.d.ts",
)
