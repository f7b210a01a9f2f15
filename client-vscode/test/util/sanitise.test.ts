import assert from "node:assert/strict";
import { test } from "node:test";
import { breakLinks, sanitise } from "../../src/util/sanitise";

test("sanitised text has no invisible or direction-changing characters", () => {
  assert.equal(sanitise("a\u202egnp.exe\u200b\n"), "a\ufffdgnp.exe\ufffd\ufffd");
  assert.equal(sanitise("Grüße/雪 [1].md"), "Grüße/雪 [1].md");
});

test("names in a message cannot form links", () => {
  assert.equal(breakLinks("the folder [Fix](command:x) is"), "the folder [Fix] (command:x) is");
  assert.equal(breakLinks("app.py (line 3) [x]"), "app.py (line 3) [x]");
});
