import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutLinks } from "../../src/client/withoutLinks";

test("messages that the server shows lose their links and nothing else", () => {
  const params = { type: 1, message: "no [x](command:y)\nhere", actions: [{ title: "Retry" }] };
  for (const method of ["window/showMessage", "window/showMessageRequest"]) {
    const message = { jsonrpc: "2.0", id: 1, method, params };
    assert.deepEqual(withoutLinks(message), { ...message, params: { ...params, message: "no [x] (command:y)\nhere" } });
  }
  for (const other of [{ id: 1, result: "[x](y)" }, { method: "tokenward/x", params }, { method: "window/showMessage" }]) {
    assert.equal(withoutLinks(other), other);
  }
});
