import assert from "node:assert/strict";
import { test } from "node:test";
import { lookUpIn } from "../../src/client/lookUp";

void test("only a short lookup of one line is taken from a command's result", () => {
  assert.equal(lookUpIn({ lookUp: 'os.Getenv("X")' }), 'os.Getenv("X")');
  for (const result of [undefined, null, "text", {}, { lookUp: 1 }, { lookUp: "a\nb" }, { lookUp: "x".repeat(201) }]) {
    assert.equal(lookUpIn(result), undefined);
  }
});
