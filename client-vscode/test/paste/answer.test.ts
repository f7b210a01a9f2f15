import assert from "node:assert/strict";
import { test } from "node:test";
import { mayHoldToken } from "../../src/paste/answer";
import { within } from "../../src/util/timeout";

test("the server is asked of a paste only when a token could be in it", () => {
  for (const text of ["", "short", "only a few small words", "x".repeat(1_000_001), "        ", "a\nb\nc\nd\ne"]) {
    assert.ok(!mayHoldToken(text), text.slice(0, 30));
  }
  for (const text of ["12345678", "KEY = 12345678", "x".repeat(1_000_000)]) {
    assert.ok(mayHoldToken(text), text.slice(0, 30));
  }
});

test("a paste waits only so long", async () => {
  assert.equal(await within(Promise.resolve(1), 60_000), 1);
  assert.equal(await within(new Promise(() => undefined), 1), undefined);
  await assert.rejects(within(Promise.reject(new Error("x")), 60_000));
});
