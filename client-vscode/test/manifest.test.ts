import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import manifest from "../package.json";
import * as names from "../src/names";

const ROOT = path.join(__dirname, "..", "..");
interface Setting {
  readonly scope: string;
  readonly order: number;
  readonly default?: unknown;
}
const groups = manifest.contributes.configuration.map((group) => group.properties as unknown as Record<string, Setting>);
const properties: Record<string, Setting> = Object.assign({}, ...groups) as Record<string, Setting>;

test("the manifest lists exactly the registered commands, and none of the server's", () => {
  const contributed = manifest.contributes.commands.map(({ command }) => command);
  const registered = Object.entries(names).flatMap(([name, value]) =>
    name.startsWith("COMMAND_") ? [String(value)] : [],
  );
  assert.deepEqual(contributed.sort(), registered.sort());
  assert.ok(!contributed.some((command) => command.startsWith(names.SERVER_COMMAND_PREFIX)));
});

test("the manifest lists exactly the settings that are read", () => {
  const own = Object.entries(names).flatMap(([name, value]) => (name.startsWith("SETTING_") ? [String(value)] : []));
  const read = [...names.SERVER_SETTINGS, ...own];
  assert.deepEqual(
    Object.keys(properties).sort(),
    read.map((key) => `${names.SETTINGS_SECTION}.${key}`).sort(),
  );
});

test("every setting that a workspace can set is restricted to trusted workspaces", () => {
  const heldByUser = new Set(["application", "machine"]);
  const settable = Object.keys(properties).filter((key) => !heldByUser.has(properties[key]?.scope ?? ""));
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  assert.deepEqual([...restricted].sort(), settable.sort());
});

test("no workspace can choose the program that gets the tokens", () => {
  for (const key of [names.SETTING_SERVER_PATH, names.SETTING_SERVER_PYTHON]) {
    assert.equal(properties[`${names.SETTINGS_SECTION}.${key}`]?.scope, "machine", key);
  }
});

test("no workspace can exclude anything in VS Code's settings", () => {
  const hiding = ["enabled", "scanWorkspace", "include", "exclude", "logFiles", "watchTranscripts", "followSymlinks", "maxDocumentBytes", "maxFileBytes", "genericTokens", names.SETTING_WATCH_TERMINALS, names.SETTING_HIDE_TOKENS];
  for (const key of hiding) {
    const scope = properties[`${names.SETTINGS_SECTION}.${key}`]?.scope ?? "";
    assert.ok(["application", "machine"].includes(scope), key);
  }
});

test("every visible text of the manifest is translatable, and no key is unused", async () => {
  const used = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
  const texts = JSON.parse(await readFile(path.join(ROOT, "package.nls.json"), "utf8")) as Record<string, string>;
  assert.deepEqual([...new Set(used)].sort(), Object.keys(texts).sort());
  const fields = /"(?:title|displayName|description|markdownDescription|contents|name|patternErrorMessage)":"(?!%)([^"]*)"/g;
  const untranslated = [...JSON.stringify(manifest).matchAll(fields)].map(([, text]) => text);
  assert.deepEqual([...new Set(untranslated)].sort(), ["Tokenward", "tokenward"]);
});

test("every setting is in one group, at its own position", () => {
  assert.equal(groups.flatMap(Object.keys).length, Object.keys(properties).length);
  for (const group of groups) {
    const orders = Object.values(group).map(({ order }) => order);
    assert.deepEqual(orders, orders.map((_, index) => index + 1));
  }
});

test("every entry of a menu is a command, and each can be found by a name of its own", () => {
  const commands = new Map(manifest.contributes.commands.map(({ command, title }) => [command, title]));
  const used = Object.values(manifest.contributes.menus).flat();
  assert.deepEqual(used.filter(({ command }) => !commands.has(command)), []);
  const hidden = new Set(manifest.contributes.menus.commandPalette.flatMap(({ command, when }) => (when === "false" ? [command] : [])));
  const titles = [...commands].filter(([command]) => !hidden.has(command)).map(([, title]) => title);
  assert.equal(new Set(titles).size, titles.length);
});

test("the defaults match the server's", async () => {
  const python = await readFile(path.join(ROOT, "..", "server", "tokenward", "settings.py"), "utf8");
  for (const key of ["scanWorkspace", "maxFileBytes", "maxDocumentBytes", "followSymlinks", "enabled"]) {
    const field = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const given = new RegExp(`^ {4}${field}: \\w+ = (\\S+)$`, "m").exec(python)?.[1] ?? "";
    const entry = properties[`${names.SETTINGS_SECTION}.${key}`];
    assert.equal(String(entry?.default), given.replaceAll("_", "").toLowerCase(), key);
  }
});

test("no setting turns on a trace", () => {
  assert.ok(!Object.keys(properties).some((key) => key.includes("trace")));
});

test("the VS Code version matches the version of its types", () => {
  assert.equal(manifest.engines.vscode, `^${manifest.devDependencies["@types/vscode"]}`);
});

test("the server has the same names", async () => {
  const python = await readFile(path.join(ROOT, "..", "server", "tokenward", "names.py"), "utf8");
  const words = new Map(
    [...python.matchAll(/^([A-Z_]+) = "([^"]*)"/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  assert.equal(words.get("SETTINGS_SECTION"), names.SETTINGS_SECTION);
  assert.equal(words.get("DIAGNOSTIC_SOURCE"), names.DIAGNOSTIC_SOURCE);
  for (const [name, value] of Object.entries(names)) {
    if (name.startsWith("METHOD_")) {
      assert.equal(words.get(name), value, name);
    } else if (name.startsWith("SERVER_COMMAND_") && name !== "SERVER_COMMAND_PREFIX") {
      assert.equal(words.get(name.replace("SERVER_", "")), value, name);
    }
  }
  const commands = [...words].filter(([name]) => name.startsWith("COMMAND_")).map(([, value]) => value);
  assert.ok(commands.length > 0);
  assert.ok(commands.every((command) => command.startsWith(names.SERVER_COMMAND_PREFIX)));
});
