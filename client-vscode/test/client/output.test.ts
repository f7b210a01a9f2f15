import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { LogOutputChannel } from "vscode";
import { errorKind, firstLine, forwardServerLog } from "../../src/client/output";

test("only the first line of a text is shown, shortened", () => {
  assert.equal(firstLine("one\ntwo"), "one");
  assert.equal(firstLine("one\r\ntwo"), "one");
  assert.equal(firstLine(""), "");
  assert.equal(firstLine("x".repeat(10_000)).length, 500);
});

test("only the kind and code of an error are shown", async () => {
  assert.equal(errorKind(new TypeError("canary")), " (TypeError)");
  assert.equal(errorKind("canary"), "");
  assert.equal(errorKind(undefined), "");
  const [error] = await once(spawn("/no/such/program"), "error").catch((caught: unknown) => [caught]);
  assert.equal(errorKind(error), " (Error ENOENT)");
});

/** What a channel shows of an error stream: `before` comes while there are no documents, `after` when there are. */
async function shown(before: readonly string[], after: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  const at = (level: string) => (line: string) => lines.push(`${level}: ${line}`);
  const channel = { error: at("error"), warn: at("warn"), info: at("info") };
  const stream = new PassThrough();
  let documents = false;
  forwardServerLog(() => documents)(stream, channel as unknown as LogOutputChannel);
  before.forEach((line) => stream.write(`${line}\n`));
  await until(() => lines.length === before.length);
  documents = true;
  stream.end(after.map((line) => `${line}\n`).join(""));
  await once(stream, "close");
  return lines;
}

test("error output is shown until there are documents, then only a note", async () => {
  const [first, second, ...others] = await shown(["No module named tokenward"], ["canary", "another canary"]);
  assert.equal(first, "error: No module named tokenward");
  assert.match(second ?? "", /^warn: .* is not shown/);
  assert.deepEqual(others, []);
});

test("the server's own log is always shown, at its level", async () => {
  const log = [
    "DEBUG tokenward: a",
    "INFO tokenward.lsp: b",
    "WARNING tokenward.lsp: c",
    "ERROR tokenward.a.b: d",
  ];
  const expected = ["info", "info", "warn", "error"].map((level, index) => `${level}: ${log[index] ?? ""}`);
  assert.deepEqual(await shown(log, log), [...expected, ...expected]);
});

test("nothing else passes as the server's log once there are documents", async () => {
  const others = [
    "ERROR pygls.server: canary",
    "ERROR tokenwardish: canary",
    " ERROR tokenward: canary",
    "ERROR tokenward canary",
    "Traceback: ERROR tokenward.lsp: canary",
  ];
  assert.ok(!(await shown([], others)).join().includes("canary"));
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(setImmediate);
  }
}
