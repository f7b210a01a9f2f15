import assert from "node:assert/strict";
import { test } from "node:test";
import { mayHoldToken } from "../../src/paste/mayHoldToken";

test("the server is asked only about pastes that may contain a token", () => {
  for (const text of ["", "short", "only a few small words", "x".repeat(1_000_001), "        ", "a\nb\nc\nd\ne"]) {
    assert.ok(!mayHoldToken(text), text.slice(0, 30));
  }
  for (const text of ["12345678", "KEY = 12345678", "x".repeat(1_000_000)]) {
    assert.ok(mayHoldToken(text), text.slice(0, 30));
  }
});
