import assert from "node:assert/strict";
import { test } from "node:test";
import { restartDelay } from "../../src/server/backoff";

const MINUTE = 60_000;

test("the delay grows with each recent crash, and the fifth stops the restarts", () => {
  const crashes = [0, 1_500, 4_000, 9_000, 18_000];
  const delays = crashes.map((_, index) => restartDelay(crashes.slice(0, index + 1)));
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, undefined]);
});

test("old crashes do not count", () => {
  const crashes = [0, 1, 2, 3].map((index) => index * 10 * MINUTE);
  assert.equal(restartDelay([...crashes, 60 * MINUTE]), 1_000);
  assert.equal(restartDelay([0, 59 * MINUTE, 60 * MINUTE]), 2_000);
});
