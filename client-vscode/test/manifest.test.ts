import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import manifest from "../package.json";
import * as names from "../src/names";

const ROOT = path.join(__dirname, "..", "..");
const properties: Record<string, { scope: string }> = manifest.contributes.configuration.properties;

test("the commands in the palette are those that are registered, and none is the server's", () => {
  const contributed = manifest.contributes.commands.map(({ command }) => command);
  assert.deepEqual(contributed.sort(), [names.COMMAND_RESTART, names.COMMAND_SHOW_OUTPUT].sort());
  assert.ok(!contributed.some((command) => command.startsWith(names.SERVER_COMMAND_PREFIX)));
});

test("the settings in the editor are those that are read", () => {
  const read = [...names.SERVER_SETTINGS, names.SETTING_SERVER_PATH];
  assert.deepEqual(
    Object.keys(properties).sort(),
    read.map((key) => `${names.SETTINGS_SECTION}.${key}`).sort(),
  );
});

test("every setting that a workspace may hold is ignored until the workspace is trusted", () => {
  const heldByUser = new Set(["application", "machine"]);
  const settable = Object.keys(properties).filter((key) => !heldByUser.has(properties[key]?.scope ?? ""));
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  assert.deepEqual([...restricted].sort(), settable.sort());
});

test("no setting switches a trace on", () => {
  assert.ok(!Object.keys(properties).some((key) => key.includes("trace")));
});

test("the editor's version is the one whose types were checked", () => {
  assert.equal(manifest.engines.vscode, `^${manifest.devDependencies["@types/vscode"]}`);
});

test("the server knows the same words", async () => {
  const python = await readFile(path.join(ROOT, "..", "server", "tokenward", "names.py"), "utf8");
  const words = new Map(
    [...python.matchAll(/^([A-Z_]+) = "([^"]*)"/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  assert.equal(words.get("SETTINGS_SECTION"), names.SETTINGS_SECTION);
  assert.equal(words.get("METHOD_PASSPHRASE"), names.METHOD_PASSPHRASE);
  const commands = [...words].filter(([name]) => name.startsWith("COMMAND_")).map(([, value]) => value);
  assert.ok(commands.length > 0);
  assert.ok(commands.every((command) => command.startsWith(names.SERVER_COMMAND_PREFIX)));
});
