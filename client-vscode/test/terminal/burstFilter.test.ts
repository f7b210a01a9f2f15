import assert from "node:assert/strict";
import { test } from "node:test";
import { BurstFilter } from "../../src/terminal/burstFilter";

test("a burst of tokens gives one message, and a later one another", () => {
  let now = 0;
  const bursts = new BurstFilter(() => now);
  assert.ok(bursts.startsBurst("a", 1));
  assert.ok(!bursts.startsBurst("a", 1));
  now = 5_000;
  assert.ok(!bursts.startsBurst("a", 2));
  now = 12_000;
  assert.ok(!bursts.startsBurst("b", 1));
  now = 30_000;
  assert.ok(!bursts.startsBurst("a", 0));
  assert.ok(!bursts.startsBurst("b", 1));
  assert.ok(bursts.startsBurst("a", 1));
});
