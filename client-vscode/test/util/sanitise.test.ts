import assert from "node:assert/strict";
import { test } from "node:test";
import { breakLinks, sanitise } from "../../src/util/sanitise";

test("nothing in a stranger's text is unseen, or turns what follows", () => {
  assert.equal(sanitise("a\u202egnp.exe\u200b\n"), "a\ufffdgnp.exe\ufffd\ufffd");
  assert.equal(sanitise("Grüße/雪 [1].md"), "Grüße/雪 [1].md");
});

test("no name in a message is a link", () => {
  assert.equal(breakLinks("the folder [Fix](command:x) is"), "the folder [Fix] (command:x) is");
  assert.equal(breakLinks("app.py (line 3) [x]"), "app.py (line 3) [x]");
});
