import assert from "node:assert/strict";
import { test } from "node:test";
import { npmScriptCommand, npmScripts, parseTaskDefinition, runArguments } from "../../src/run/taskCommand";

const PROGRAM = { command: "/bin/python", args: ["-I", "main.py"] };

test("Tokenward runs a task's command with its arguments unchanged", () => {
  const wanted = parseTaskDefinition({ type: "tokenward", command: "npm", args: ["start", "--", "-x"], envFile: "--odd.env" });
  assert.ok(wanted !== undefined);
  assert.deepEqual(runArguments(PROGRAM, wanted), [
    ...["-I", "main.py", "run", "--env-file=--odd.env", "--"],
    ...["npm", "start", "--", "-x"],
  ]);
  assert.deepEqual(runArguments(PROGRAM, { command: "make" }), ["-I", "main.py", "run", "--", "make"]);
});

test("a definition without a command gives no task", () => {
  for (const definition of [{}, { command: "" }, { command: 1 }, { command: "x", args: "y" }, { command: "x", args: [1] }]) {
    assert.equal(parseTaskDefinition(definition), undefined);
  }
});

test("scripts are read from any package.json, except those with special characters", () => {
  assert.deepEqual(npmScripts('{"scripts": {"start": "x", "build:web": "y", "a && b": "z", "--version": "", "$(x)": ""}}'), [
    "start",
    "build:web",
  ]);
  for (const text of ["", "{", "null", "[]", '"x"', "{}", '{"scripts": null}', '{"scripts": ["a"]}', '{"scripts": 1}']) {
    assert.deepEqual(npmScripts(text), []);
  }
  assert.deepEqual(npmScriptCommand("start", "linux"), { command: "npm", args: ["run", "start"] });
  assert.equal(npmScriptCommand("start", "win32").command, "cmd.exe");
});
