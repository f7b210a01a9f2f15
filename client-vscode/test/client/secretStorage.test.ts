import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MessageConnection } from "vscode-languageserver-protocol/node";
import { Connection } from "../../src/client/connection";
import { answerSecretRequests, type Secrets } from "../../src/client/secretStorage";
import { connect } from "../rpcClient";

const [GET, STORE, DELETE] = ["get", "store", "delete"].map((verb) => `tokenward/secretStorage/${verb}`) as [
  string,
  string,
  string,
];
const KEY = "tokenward/acme-api/GITHUB_TOKEN";

class Memory implements Secrets {
  readonly kept = new Map<string, string>();

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.kept.get(key));
  }

  store(key: string, value: string): Promise<void> {
    this.kept.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.kept.delete(key);
    return Promise.resolve();
  }
}

function serverEnd(context: TestContext, secrets: Secrets): MessageConnection {
  const connection = new Connection();
  answerSecretRequests(connection, secrets);
  const ends = connect(context, connection);
  assert.deepEqual(ends.capabilities().experimental, { tokenward: { secretStorage: true } });
  return ends.server;
}

test("a token is stored, returned and deleted under the extension's own key", async (context) => {
  const secrets = new Memory();
  const server = serverEnd(context, secrets);
  assert.deepEqual(await server.sendRequest(GET, { key: KEY }), { value: null });
  assert.deepEqual(await server.sendRequest(STORE, { key: KEY, value: "" }), {});
  assert.deepEqual(await server.sendRequest(GET, { key: KEY }), { value: "" });
  assert.deepEqual(await server.sendRequest(STORE, { key: KEY, value: "a\0b\u{1f511}" }), {});
  assert.deepEqual([...secrets.kept], [[`tokenward:${KEY}`, "a\0b\u{1f511}"]]);
  assert.deepEqual(await server.sendRequest(GET, { key: KEY }), { value: "a\0b\u{1f511}" });
  assert.deepEqual(await server.sendRequest(DELETE, { key: KEY }), {});
  assert.equal(secrets.kept.size, 0);
});

test("keys of other kinds and values that are not strings are refused", async (context) => {
  const secrets = new Memory();
  const server = serverEnd(context, secrets);
  const keys = ["", "tokenward/a", "tokenward/../B", "other/a/B", `${KEY}\n`, `x${KEY}`, "tokenward/A/B", "tokenward/a/B/C", 7, null, [KEY]];
  for (const key of keys) {
    for (const method of [GET, STORE, DELETE]) {
      await assert.rejects(server.sendRequest(method, { key, value: "x" }), /not a token's key/);
    }
  }
  for (const value of [undefined, null, 7, ["x"]]) {
    await assert.rejects(server.sendRequest(STORE, { key: KEY, value }), /no value/);
  }
  assert.equal(secrets.kept.size, 0);
});

test("an error of the editor is passed on without its text", async (context) => {
  const fail = (): Promise<never> => Promise.reject(new Error("cannot keep canary"));
  const server = serverEnd(context, { get: fail, store: fail, delete: fail });
  for (const method of [GET, STORE, DELETE]) {
    await assert.rejects(server.sendRequest(method, { key: KEY, value: "canary" }), (error: Error) => {
      assert.match(error.message, /secret storage failed/);
      assert.doesNotMatch(error.message, /canary/);
      return true;
    });
  }
});
