import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { isBlind, PATIENCE, plainName } from "../../src/terminal/blindness";
import { Bursts } from "../../src/terminal/bursts";
import { feed } from "../../src/terminal/feed";
import { LARGEST_PORTION, Portions } from "../../src/terminal/portions";

test("small pieces are joined and sent after a short while, in order", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent: string[] = [];
  const portions = new Portions((data) => sent.push(data));
  for (const piece of ["a", "b", "c"]) {
    portions.add(piece);
  }
  assert.deepEqual(sent, []);
  mock.timers.tick(50);
  assert.deepEqual(sent, ["abc"]);
  portions.add("d");
  portions.dispose();
  mock.timers.tick(1000);
  assert.deepEqual(sent, ["abc"]);
  mock.timers.reset();
});

test("large pieces are cut without losing, reordering or halving a character", () => {
  const sent: string[] = [];
  const portions = new Portions((data) => sent.push(data));
  const pieces = ["x".repeat(LARGEST_PORTION - 1), "\u{1f511}".repeat(100_000), "y".repeat(3_000_000)];
  pieces.forEach((piece) => {
    portions.add(piece);
  });
  portions.flush();
  assert.equal(sent.join(""), pieces.join(""));
  assert.ok(sent.every((data) => data.length <= LARGEST_PORTION && !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(data)));
});

test("a command's end is told after all that it printed", async () => {
  const told: [string, object][] = [];
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "make", cwd: "/w" };
  await feed(about, pieces("one", "two"), Promise.resolve(3), (method, params) => told.push([method, params]));
  assert.deepEqual(told, [
    ["tokenward/terminal/data", { ...about, data: "onetwo" }],
    ["tokenward/terminal/end", { terminal: "terminal-1", execution: "execution-1", exitCode: 3 }],
  ]);
});

test("the end is told of a command that cannot be read to its end, too", async () => {
  const told: string[] = [];
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "make" };
  // eslint-disable-next-line @typescript-eslint/require-await -- what is read is asynchronous
  async function* broken(): AsyncGenerator<string> {
    yield "one";
    throw new Error("gone");
  }
  await assert.rejects(feed(about, broken(), Promise.resolve(1), (method) => told.push(method)), /gone/);
  assert.deepEqual(told, ["tokenward/terminal/data", "tokenward/terminal/end"]);
});

test("the editor's own mark before the output is no part of it", async () => {
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "make" };
  for (const mark of ["\u001b]633;C\u0007", "]633;C\u0007", "633;C\u001b\\", "633;C"]) {
    const told: object[] = [];
    await feed(about, pieces(`${mark}one`, "633;C"), Promise.resolve(0), (_, params) => told.push(params));
    assert.deepEqual(told[0], { ...about, data: "one633;C" });
  }
});

test("of a command that printed nothing the command line is told", async () => {
  const told: string[] = [];
  const about = { terminal: "terminal-1", execution: "execution-1", name: "bash", commandLine: "export A=b" };
  await feed(about, pieces(), Promise.resolve(undefined), (method, params) => told.push(method + JSON.stringify(params)));
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

test("a burst of tokens is told once, and what comes later again", () => {
  let now = 0;
  const bursts = new Bursts(() => now);
  assert.ok(bursts.isNews("a", 1));
  assert.ok(!bursts.isNews("a", 1));
  now = 5_000;
  assert.ok(!bursts.isNews("a", 2));
  now = 12_000;
  assert.ok(!bursts.isNews("b", 1));
  now = 30_000;
  assert.ok(!bursts.isNews("a", 0));
  assert.ok(!bursts.isNews("b", 1));
  assert.ok(bursts.isNews("a", 1));
});

test("a terminal counts as unseen only when somebody works in a shell without integration", () => {
  const blind = { hasIntegration: false, isUsed: true, isDrawn: false, hasEnded: false, age: PATIENCE };
  assert.ok(isBlind(blind));
  for (const other of [{ hasIntegration: true }, { isUsed: false }, { isDrawn: true }, { hasEnded: true }, { age: 9_999 }]) {
    assert.ok(!isBlind({ ...blind, ...other }));
  }
});

test("a terminal's name is no link and no line of its own", () => {
  assert.equal(plainName("[x](command:y)\n\u202ez"), "x command:y z");
  assert.equal(plainName("n".repeat(500)).length, 60);
});
