import assert from "node:assert/strict";
import { test } from "node:test";
import { mentionsReference, npmScript, runWords, scriptsIn, wantedBy } from "../../src/run/taskWords";

const PROGRAM = { command: "/bin/python", args: ["-I", "main.py"] };

test("a task's command is run by Tokenward, its words untouched", () => {
  const wanted = wantedBy({ type: "tokenward", command: "npm", args: ["start", "--", "-x"], envFile: "--odd.env" });
  assert.ok(wanted !== undefined);
  assert.deepEqual(runWords(PROGRAM, wanted), [
    ...["-I", "main.py", "run", "--env-file=--odd.env", "--"],
    ...["npm", "start", "--", "-x"],
  ]);
  assert.deepEqual(runWords(PROGRAM, { command: "make" }), ["-I", "main.py", "run", "--", "make"]);
});

test("a definition that describes no command gives no task", () => {
  for (const definition of [{}, { command: "" }, { command: 1 }, { command: "x", args: "y" }, { command: "x", args: [1] }]) {
    assert.equal(wantedBy(definition), undefined);
  }
});

test("scripts are read from any package.json, and those that are no plain word are left out", () => {
  assert.deepEqual(scriptsIn('{"scripts": {"start": "x", "build:web": "y", "a && b": "z", "--version": "", "$(x)": ""}}'), [
    "start",
    "build:web",
  ]);
  for (const text of ["", "{", "null", "[]", '"x"', "{}", '{"scripts": null}', '{"scripts": ["a"]}', '{"scripts": 1}']) {
    assert.deepEqual(scriptsIn(text), []);
  }
  assert.deepEqual(npmScript("start", "linux"), { command: "npm", args: ["run", "start"] });
  assert.equal(npmScript("start", "win32").command, "cmd.exe");
});

test("an environment file that names a token is known by its reference", () => {
  assert.ok(mentionsReference("A=1\nB=keyring://acme/B\n"));
  assert.ok(!mentionsReference("A=1\n"));
});
