import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection } from "../../src/client/connection";
import type { StoredToken } from "../../src/protocol";
import { replaceValue } from "../../src/tokens/replaceValue";
import { connect } from "../rpcClient";

const TOKEN: StoredToken = {
  reference: "keyring://acme/TOKEN",
  workspace: "acme",
  name: "TOKEN",
  provider: "",
  label: "",
  uri: "file:///home/user/acme",
  created: "2026-11-20T12:00:00Z",
  lastUsed: null,
  lease: "",
  leaseState: "open",
};

test("a value that the user entered is sent with its reference, and with nothing else", async (context) => {
  const connection = new Connection();
  const { server } = connect(context, connection);
  const sent: unknown[] = [];
  server.onRequest("tokenward/tokens/replace", (params: unknown) => {
    sent.push(params);
    return null;
  });
  const asked: StoredToken[] = [];
  await replaceValue(TOKEN, connection, (token) => {
    asked.push(token);
    return Promise.resolve(" new value ");
  });
  assert.deepEqual(asked, [TOKEN]);
  assert.deepEqual(sent, [{ reference: TOKEN.reference, value: " new value " }]);
});

test("nothing is sent for a user who cancels or enters nothing", async (context) => {
  const connection = new Connection();
  const { server } = connect(context, connection);
  let count = 0;
  server.onRequest("tokenward/tokens/replace", () => {
    count += 1;
    return null;
  });
  for (const answer of [undefined, ""]) {
    await replaceValue(TOKEN, connection, () => Promise.resolve(answer));
  }
  assert.equal(count, 0);
});
