import assert from "node:assert/strict";
import { test } from "node:test";
import { sendExecution } from "../../src/terminal/sendExecution";

test("the end of a command follows all its output", async () => {
  const told: [string, object][] = [];
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "make", cwd: "/w" };
  await sendExecution(about, pieces("one", "two"), Promise.resolve(3), (method, params) => told.push([method, params]));
  assert.deepEqual(told, [
    ["tokenward/terminal/data", { ...about, data: "onetwo" }],
    ["tokenward/terminal/end", { terminal: "terminal-1", execution: "execution-1", exitCode: 3 }],
  ]);
});

test("the end is sent even if reading the output fails", async () => {
  const told: string[] = [];
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "make" };
  // eslint-disable-next-line @typescript-eslint/require-await -- what is read is asynchronous
  async function* broken(): AsyncGenerator<string> {
    yield "one";
    throw new Error("gone");
  }
  await assert.rejects(sendExecution(about, broken(), Promise.resolve(1), (method) => told.push(method)), /gone/);
  assert.deepEqual(told, ["tokenward/terminal/data", "tokenward/terminal/end"]);
});

test("the editor's mark before the output is removed", async () => {
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "make" };
  for (const mark of ["\u001b]633;C\u0007", "]633;C\u0007", "633;C\u001b\\", "633;C"]) {
    const told: object[] = [];
    await sendExecution(about, pieces(`${mark}one`, "633;C"), Promise.resolve(0), (_, params) => told.push(params));
    assert.deepEqual(told[0], { ...about, data: "one633;C" });
  }
});

test("the command line of a silent command is sent", async () => {
  const told: string[] = [];
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "export A=b" };
  await sendExecution(about, pieces(), Promise.resolve(undefined), (method, params) => told.push(method + JSON.stringify(params)));
  assert.deepEqual(told, [
    `tokenward/terminal/data${JSON.stringify({ ...about, data: "" })}`,
    'tokenward/terminal/end{"terminal":"terminal-1","execution":"execution-1"}',
  ]);
});

async function* pieces(...texts: string[]): AsyncGenerator<string> {
  for (const text of texts) {
    await Promise.resolve();
    yield text;
  }
}
