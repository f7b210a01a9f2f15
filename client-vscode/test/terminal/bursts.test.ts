import assert from "node:assert/strict";
import { test } from "node:test";
import { Bursts } from "../../src/terminal/bursts";

test("a burst of tokens is told once, and what comes later again", () => {
  let now = 0;
  const bursts = new Bursts(() => now);
  assert.ok(bursts.isNews("a", 1));
  assert.ok(!bursts.isNews("a", 1));
  now = 5_000;
  assert.ok(!bursts.isNews("a", 2));
  now = 12_000;
  assert.ok(!bursts.isNews("b", 1));
  now = 30_000;
  assert.ok(!bursts.isNews("a", 0));
  assert.ok(!bursts.isNews("b", 1));
  assert.ok(bursts.isNews("a", 1));
});
