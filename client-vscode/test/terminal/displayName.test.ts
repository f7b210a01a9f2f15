import assert from "node:assert/strict";
import { test } from "node:test";
import { displayName } from "../../src/terminal/displayName";

test("a terminal's name in a message is short, without links or line breaks", () => {
  assert.equal(displayName("[x](command:y)\n\u202ez"), "[x] (command:y)\ufffd\ufffdz");
  assert.equal(displayName("n".repeat(500)).length, 60);
});
