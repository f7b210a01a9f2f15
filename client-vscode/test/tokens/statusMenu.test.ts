import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../../package.json";
import { countFindings } from "../../src/tokens/findings";
import { menuEntries, type MenuState } from "../../src/tokens/statusMenu";
import { found, l10n, warning } from "../findings";

const COUNTS = countFindings(found(["a", warning("x")]));
const BUSY: MenuState = { state: "running", counts: COUNTS, isFileExposed: true, isTrusted: true, areHidden: false };

function commandsOf(state: Partial<MenuState>): string[] {
  return menuEntries({ ...BUSY, ...state }, l10n).map(({ command }) => command.replace("tokenward.", ""));
}

test("the menu behind the shield has commands of the manifest, each with its own name", () => {
  const known = new Set(manifest.contributes.commands.map(({ command }) => command));
  const entries = menuEntries(BUSY, l10n);
  assert.deepEqual(entries.filter(({ command }) => !known.has(command)), []);
  assert.equal(new Set(entries.map(({ label }) => label)).size, entries.length);
});

test("the menu offers only what works now", () => {
  const rest = ["openSettings", "showOutput", "restart"];
  for (const state of ["failed", "off", "starting"] as const) {
    assert.deepEqual(commandsOf({ state }), rest);
  }
  const everything = commandsOf({});
  const without = (state: Partial<MenuState>): string[] => everything.filter((one) => !commandsOf(state).includes(one));
  assert.deepEqual(without({ isFileExposed: false }), ["moveAllInFile"]);
  assert.deepEqual(without({ counts: countFindings([]) }), ["moveAllInWorkspace"]);
  assert.deepEqual(without({ isTrusted: false }), ["openTerminal"]);
  assert.deepEqual(without({ areHidden: true }), ["hideTokens"]);
  assert.deepEqual(without({ state: "scanning" }), []);
});
