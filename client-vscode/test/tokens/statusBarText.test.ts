import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerState, type State } from "../../src/server/state";
import { countFindings } from "../../src/tokens/findings";
import { statusBarText } from "../../src/tokens/statusBarText";
import { found, l10n, warning } from "../findings";

const NONE = countFindings([]);

test("the status bar counts warnings and errors, and is urgent only for errors", () => {
  const warned = countFindings(found(["a", warning("x"), warning("y", { line: 1 }), warning("z", { severity: 2, line: 2 })]));
  assert.equal(statusBarText("running", warned, [], l10n).text, "$(shield) 2");
  assert.equal(statusBarText("running", warned, [], l10n).isUrgent, false);
  const urgent = statusBarText("running", countFindings(found(["a", warning("x", { severity: 0 })])), [], l10n);
  assert.equal(urgent.isUrgent, true);
  assert.equal(urgent.label, "Tokenward: 1 exposed token in 1 place. Errors: 1");
});

test("the status bar, its tooltip and the badge count each token once", () => {
  const counts = countFindings(found(["a", warning("x"), warning("x", { line: 1 }), warning("y", { line: 2 })]));
  const { text, tooltip } = statusBarText("running", counts, [], l10n);
  assert.deepEqual([text, tooltip.split("\n")[0]], ["$(shield) 2", "2 exposed tokens in 3 places."]);
});

test("no count is shown while the server is not running", () => {
  for (const state of ["starting", "failed", "off"] as const) {
    const { text, tooltip, isUrgent } = statusBarText(state, countFindings(found(["a", warning("x", { severity: 0 })])), [], l10n);
    assert.doesNotMatch(text, /\d/);
    assert.doesNotMatch(tooltip, /in the open/);
    assert.equal(isUrgent, false);
  }
  assert.equal(statusBarText("running", NONE, [], l10n).tooltip, "No exposed tokens.");
});

test("during a scan, the count is marked as incomplete", () => {
  const tally = countFindings(found(["a", warning("x", { severity: 0 })]));
  const { text, tooltip, isUrgent } = statusBarText("scanning", tally, [], l10n);
  assert.deepEqual([text, isUrgent], ["$(shield) 1…", true]);
  assert.doesNotMatch(tooltip, /in the open/);
  assert.equal(statusBarText("scanning", NONE, [], l10n).text, "$(shield) …");
});

test("listeners receive the server's state", () => {
  const server = new ServerState();
  const heard: State[] = [];
  server.onDidChange((state) => heard.push(state));
  server.set("running");
  server.set("failed");
  assert.deepEqual(heard, ["running", "failed"]);
  assert.equal(server.value, "failed");
});
