import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentList } from "../../src/agents/agentList";
import { agentDescription, agentDetails, surfaceDescription, surfaceName } from "../../src/agents/agentTexts";
import { copyRanges } from "../../src/agents/copyRanges";
import { GuardChanges } from "../../src/agents/guardChanges";
import { Connection } from "../../src/client/connection";
import type { AgentState, SurfaceState } from "../../src/protocol";
import { countFindings } from "../../src/tokens/findings";
import { statusBarText } from "../../src/tokens/statusBarText";
import { l10n } from "../findings";
import { connect } from "../rpcClient";

function agent(given: Partial<AgentState> = {}): AgentState {
  return {
    agent: "Claude Code",
    dialect: "claude-code",
    version: "2.1.332",
    standing: "guarded",
    reach: "none",
    changed: [],
    failuresBlockSince: null,
    isTooOld: false,
    surfaces: [],
    problems: [],
    trust: null,
    limits: null,
    source: "",
    date: "",
    ...given,
  };
}

test("an agent's description says how it is guarded, what it can read, and what it has seen where that is known", () => {
  assert.equal(agentDescription(agent(), 3, l10n), "guarded · its tools read no exposed token");
  assert.equal(agentDescription(agent({ standing: "unguarded", reach: "all" }), 3, l10n), "not guarded · can read exposed tokens: 3");
  assert.equal(agentDescription(agent({ standing: "unguarded", reach: "all" }), 0, l10n), "not guarded");
  const partly = agent({ standing: "partly guarded", reach: "if hooks fail", seen: 2 });
  assert.equal(agentDescription(partly, 1, l10n), "partly guarded · can read exposed tokens if a hook fails: 1 · has seen tokens: 2");
  assert.equal(agentDescription(agent({ seen: null }), 0, l10n), "guarded");
});

test("the details have what was changed, and no invisible characters", () => {
  const lines = agentDetails(agent({ standing: "changed", changed: ["a\u202eb lacks 1"], trust: "Trust it.", limits: "Some." }), 0, l10n);
  assert.deepEqual(lines, ["Claude Code 2.1.332: its guard was changed", "a\ufffdb lacks 1", "Trust it.", "Some."]);
});

test("every surface and level has words", () => {
  const surfaces: SurfaceState["surface"][] = ["prompt", "file read", "shell output", "denied files"];
  assert.equal(new Set(surfaces.map((one) => surfaceName(one, l10n))).size, 4);
  const levels: SurfaceState["level"][] = ["enforced", "best effort", "recorded", "absent"];
  const said = levels.map((level) => surfaceDescription({ surface: "prompt", level, why: null }, l10n));
  assert.deepEqual(said, ["enforced", "best effort", "only recorded", "absent"]);
  const failed: SurfaceState = { surface: "prompt", level: "recorded", why: "the token passed", failed: true };
  assert.equal(surfaceDescription(failed, l10n), "only recorded · the check failed · the token passed");
});

test("the answer for one agent replaces that one alone, and no answer changes nothing", async (context) => {
  const connection = new Connection();
  const list = new AgentList(connection);
  const answers: unknown[] = [
    { agents: [agent(), agent({ agent: "aider", standing: "unguarded" })] },
    { agents: [agent({ agent: "aider", standing: "partly guarded" })] },
    null,
  ];
  const { server } = connect(context, connection);
  server.onRequest("workspace/executeCommand", () => answers.shift());
  const standings = (): unknown => list.agents?.map((one) => [one.agent, one.standing]);
  assert.equal(standings(), undefined);
  await list.refresh();
  await list.run("tokenward.server.protectAgents", "aider");
  await list.run("tokenward.server.undoAgents");
  assert.deepEqual(standings(), [["Claude Code", "guarded"], ["aider", "partly guarded"]]);
});

test("the status bar says that a guard was changed, until it is not or the server ends", async (context) => {
  const connection = new Connection();
  const guard = new GuardChanges(connection);
  const heard: (readonly string[])[] = [];
  guard.onDidChange((changed) => heard.push(changed));
  const ends = connect(context, connection);
  assert.deepEqual(ends.capabilities().experimental, { tokenward: { agents: true } });
  const arrived = new Promise((resolve) => guard.onDidChange(resolve));
  await ends.server.sendNotification("tokenward/agents/changed", { changed: ["~/.claude/settings.json lacks 1."] });
  await arrived;
  const { text, tooltip, label, isUrgent } = statusBarText("running", countFindings([]), guard.sentences, l10n);
  assert.deepEqual([text, isUrgent], ["$(shield) 0 $(alert)", true]);
  assert.match(tooltip, /was changed:\n~\/\.claude\/settings\.json lacks 1\.\nNo exposed tokens\./);
  assert.ok(label.startsWith("Tokenward: What keeps AI agents from your tokens was changed: ~/"));
  connection.detachClient(ends.wire);
  assert.deepEqual(heard.at(-1), []);
});

test("the selections are copied in the order of the text, and without one the whole text is", () => {
  const at = (line: number, character: number): { line: number; character: number } => ({ line, character });
  const selection = (start: [number, number], end: [number, number]): Parameters<typeof copyRanges>[0][number] => ({
    isEmpty: start.join() === end.join(),
    start: at(...start),
    end: at(...end),
  });
  assert.deepEqual(copyRanges([selection([3, 1], [4, 0]), selection([1, 2], [1, 5])], at(9, 3)), [
    { start: at(1, 2), end: at(1, 5) },
    { start: at(3, 1), end: at(4, 0) },
  ]);
  assert.deepEqual(copyRanges([selection([2, 2], [2, 2])], at(9, 3)), [{ start: at(0, 0), end: at(9, 3) }]);
});
