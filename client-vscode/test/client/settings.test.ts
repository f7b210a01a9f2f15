import assert from "node:assert/strict";
import { test } from "node:test";
import { explicitSettings } from "../../src/client/settings";

type Inspected = Record<string, unknown>;

function configuration(values: Record<string, Inspected>): Parameters<typeof explicitSettings>[0] {
  const effective = (key: string): unknown => {
    const { defaultValue, globalValue, workspaceValue, workspaceFolderValue } = values[key] ?? {};
    return workspaceFolderValue ?? workspaceValue ?? globalValue ?? defaultValue;
  };
  return {
    get: effective,
    inspect: (key: string) => (key in values ? { key, ...values[key] } : undefined),
  };
}

test("defaults are not sent", () => {
  assert.deepEqual(explicitSettings(configuration({ envFile: { defaultValue: ".env" } })), {});
});

test("a setting in any scope is sent with its effective value, even if false", () => {
  const values = {
    enabled: { defaultValue: true, globalValue: false },
    envFile: { defaultValue: ".env", globalValue: "a.env", workspaceFolderValue: "b.env" },
    workspaceName: { defaultValue: null, workspaceValue: "acme" },
  };
  const expected = { enabled: false, envFile: "b.env", workspaceName: "acme" };
  assert.deepEqual(explicitSettings(configuration(values)), expected);
});

test("an empty text is no choice", () => {
  assert.deepEqual(explicitSettings(configuration({ workspaceName: { defaultValue: "", globalValue: "" } })), {});
});

test("the extension's own settings do not go to the server", () => {
  assert.deepEqual(explicitSettings(configuration({ "server.path": { globalValue: "/x" } })), {});
});
