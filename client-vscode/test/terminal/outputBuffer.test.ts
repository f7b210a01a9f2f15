import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { LARGEST_CHUNK, OutputBuffer } from "../../src/terminal/outputBuffer";

test("small chunks are joined and sent after a short delay, in order", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent: string[] = [];
  const portions = new OutputBuffer((data) => sent.push(data));
  for (const piece of ["a", "b", "c"]) {
    portions.add(piece);
  }
  assert.deepEqual(sent, []);
  mock.timers.tick(50);
  assert.deepEqual(sent, ["abc"]);
  portions.add("d");
  portions.dispose();
  mock.timers.tick(1000);
  assert.deepEqual(sent, ["abc"]);
  mock.timers.reset();
});

test("large chunks are split without losing, reordering or halving a character", () => {
  const sent: string[] = [];
  const portions = new OutputBuffer((data) => sent.push(data));
  const pieces = ["x".repeat(LARGEST_CHUNK - 1), "\u{1f511}".repeat(100_000), "y".repeat(3_000_000)];
  pieces.forEach((piece) => {
    portions.add(piece);
  });
  portions.flush();
  assert.equal(sent.join(""), pieces.join(""));
  assert.ok(sent.every((data) => data.length <= LARGEST_CHUNK && !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(data)));
});
