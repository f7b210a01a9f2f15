import assert from "node:assert/strict";
import { test } from "node:test";
import {
  hasReferences,
  type LaunchConfiguration,
  launchRequest,
  loggingOption,
  withResolvedTokens,
  wouldTypeTokens,
} from "../../src/run/launchConfiguration";

const REFERENCE = "keyring://acme/API_KEY";

test("a configuration without references or environment files needs no request", () => {
  const plain: LaunchConfiguration[] = [
    {},
    { env: { A: "b" }, args: ["-v"] },
    { env: null, envFile: "", args: null },
    { env: "text", environment: "text", args: 3, envFile: [1, null] },
  ];
  for (const configuration of plain) {
    assert.equal(launchRequest(configuration, "/folder"), undefined);
  }
});

test("references are found in every form of environment and arguments", () => {
  const holding: LaunchConfiguration[] = [
    { env: { A: REFERENCE } },
    { environment: [{ name: "A", value: `Bearer ${REFERENCE}` }] },
    { args: ["--key", REFERENCE] },
    { args: `--key ${REFERENCE}` },
  ];
  for (const configuration of holding) {
    const start = launchRequest(configuration, "/folder");
    assert.ok(start !== undefined && hasReferences(start), JSON.stringify(configuration));
  }
});

test("environment files are named by their full paths, in their order", () => {
  const start = launchRequest({ envFile: [".env", "/etc/app.env"] }, "/folder");
  assert.deepEqual(start?.envFiles, ["/folder/.env", "/etc/app.env"]);
  assert.ok(!hasReferences(start));
  assert.deepEqual(launchRequest({ envFile: "conf/dev.env" }, "/folder")?.envFiles, ["/folder/conf/dev.env"]);
});

test("the program that gets the tokens is the executable, not the script", () => {
  const cases: [LaunchConfiguration, string | null][] = [
    [{ type: "node", program: "app.js" }, "node"],
    [{ type: "pwa-node", runtimeExecutable: "npm" }, "npm"],
    [{ type: "debugpy", program: "app.py" }, "python"],
    [{ type: "debugpy", python: ["/venv/bin/python", "-X"] }, "/venv/bin/python"],
    [{ type: "cppdbg", program: "/folder/a.out" }, "/folder/a.out"],
    [{ type: "other" }, null],
  ];
  for (const [configuration, program] of cases) {
    assert.equal(launchRequest({ ...configuration, env: { A: REFERENCE } }, "/folder")?.program, program);
  }
});

test("the response replaces variables, files and arguments, and nothing else", () => {
  const launched = { env: { A: "one", B: "two" }, args: ["--key", "three"], changed: true };
  const configuration = { type: "node", name: "app", env: { A: REFERENCE, GONE: null }, envFile: ".env", args: ["--key", REFERENCE] };
  const before = structuredClone(configuration);
  assert.deepEqual(withResolvedTokens(configuration, launched), {
    type: "node",
    name: "app",
    env: { A: "one", B: "two", GONE: null },
    args: ["--key", "three"],
  });
  assert.deepEqual(configuration, before);
  assert.deepEqual(withResolvedTokens({ environment: [{ name: "A", value: REFERENCE }] }, launched), {
    environment: [
      { name: "A", value: "one" },
      { name: "B", value: "two" },
    ],
  });
  assert.deepEqual(withResolvedTokens({ args: `--key ${REFERENCE}` }, { env: {}, args: ["--key x"], changed: true }), {
    args: "--key x",
    env: {},
  });
  assert.deepEqual(withResolvedTokens({ args: [1, REFERENCE] }, { env: {}, args: ["x"], changed: true })["args"], [1, "x"]);
});

test("an environment file without references is left to the debugger", () => {
  const configuration = { envFile: "/folder/.env", env: { A: "b" } };
  assert.equal(withResolvedTokens(configuration, { env: { A: "b" }, args: [], changed: false }), configuration);
});

test("no debugger gets a value that VS Code would type into a terminal", () => {
  const start = { env: { A: REFERENCE }, envFiles: [], args: ["-v", REFERENCE], program: null };
  const [variables, argument] = [{ env: { A: "x" }, args: start.args, changed: true }, { env: {}, args: ["-v", "x"], changed: true }];
  const console = "integratedTerminal";
  assert.ok(wouldTypeTokens({ type: "node", console }, start, variables));
  assert.ok(wouldTypeTokens({ type: "debugpy", console }, start, argument));
  assert.ok(!wouldTypeTokens({ type: "debugpy", console }, start, variables));
  assert.ok(!wouldTypeTokens({ type: "node", console: "internalConsole" }, start, variables));
  assert.ok(!wouldTypeTokens({ type: "node", console }, start, { ...variables, changed: false }));
});

test("no debugger gets a value that would be on an external terminal's command line", () => {
  const start = { env: { A: REFERENCE }, envFiles: [], args: [], program: null };
  const launched = { env: { A: "x" }, args: [], changed: true };
  for (const type of ["node", "debugpy", "other"]) {
    assert.ok(wouldTypeTokens({ type, console: "externalTerminal" }, start, launched));
  }
  assert.ok(!wouldTypeTokens({ type: "node", console: "externalTerminal" }, start, { ...launched, changed: false }));
});

test("no debugger gets a value that it would log", () => {
  const launched = { env: { A: "x" }, args: [], changed: true };
  assert.equal(loggingOption({ type: "node", trace: true }, launched), "trace");
  assert.equal(loggingOption({ type: "node", trace: { logFile: "/tmp/log" } }, launched), "trace");
  assert.equal(loggingOption({ type: "debugpy", logToFile: true }, launched), "logToFile");
  assert.equal(loggingOption({ trace: false, logToFile: false }, launched), undefined);
  assert.equal(loggingOption({ trace: { stdio: false, logFile: null } }, launched), undefined);
  assert.equal(loggingOption({ trace: true }, { ...launched, changed: false }), undefined);
});
