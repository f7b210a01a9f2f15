import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Throttle } from "../../src/util/throttle";

test("requests in a row share one run, later ones get another, and none runs after disposal", async () => {
  let runs = 0;
  let ran: () => void = () => undefined;
  const throttle = new Throttle(() => {
    runs += 1;
    ran();
  }, 1);
  for (const wanted of [1, 2]) {
    const run = new Promise<void>((resolve) => (ran = resolve));
    throttle.schedule();
    throttle.schedule();
    assert.equal(runs, wanted - 1);
    await run;
    assert.equal(runs, wanted);
  }
  throttle.schedule();
  throttle.dispose();
  await sleep(5);
  assert.equal(runs, 2);
});
