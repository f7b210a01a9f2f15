import assert from "node:assert/strict";
import { test } from "node:test";
import { withTimeout } from "../../src/util/timeout";

test("slow work times out", async () => {
  assert.equal(await withTimeout(Promise.resolve(1), 60_000), 1);
  assert.equal(await withTimeout(new Promise(() => undefined), 1), undefined);
  await assert.rejects(withTimeout(Promise.reject(new Error("x")), 60_000));
});
