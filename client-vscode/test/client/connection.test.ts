import assert from "node:assert/strict";
import { test } from "node:test";
import { CancellationTokenSource } from "vscode-languageserver-protocol";
import { Connection, ServerNotRunning } from "../../src/client/connection";
import type { UriParams } from "../../src/protocol";
import { connect } from "../rpcClient";

test("announced capabilities join those of other features", (context) => {
  const connection = new Connection();
  connection.announceCapability("passphrase");
  connection.announceCapability("terminal");
  const ends = connect(context, connection);
  const ours = { passphrase: true, terminal: true };
  assert.deepEqual(ends.capabilities().experimental, { tokenward: ours });
  const before = { experimental: { other: true, tokenward: { more: 1 } } };
  assert.deepEqual(ends.capabilities(before).experimental, { other: true, tokenward: { more: 1, ...ours } });
});

test("requests and notifications reach the server and come from it", async (context) => {
  const connection = new Connection();
  connection.onRequest("tokenward/passphrase", ({ prompt }) => Promise.resolve({ passphrase: `${prompt}!` }));
  const clientNotified = new Promise((resolve) => {
    connection.onNotification("tokenward/looked", resolve);
  });
  const { server } = connect(context, connection);
  const serverNotified = new Promise((resolve) => server.onNotification("tokenward/terminal/end", resolve));
  server.onRequest("tokenward/terminal/transcript", ({ uri }: UriParams) => ({ text: `${uri}!`, version: 1 }));

  const transcript = await connection.request("tokenward/terminal/transcript", { uri: "a:b" });
  assert.deepEqual(transcript, { text: "a:b!", version: 1 });
  connection.notify("tokenward/terminal/end", { terminal: 1, execution: 2 });
  assert.deepEqual(await serverNotified, { terminal: 1, execution: 2 });
  assert.deepEqual(await server.sendRequest("tokenward/passphrase", { prompt: "A" }), { passphrase: "A!" });
  await server.sendNotification("tokenward/looked", { uri: "c:d" });
  assert.deepEqual(await clientNotified, { uri: "c:d" });
});

test("parameters and arguments arrive unchanged, with a cancellation token or without", async (context) => {
  const connection = new Connection();
  const { server } = connect(context, connection);
  const received: unknown[] = [];
  server.onRequest((method, params) => {
    received.push([method, params]);
    return null;
  });
  const { token } = new CancellationTokenSource();
  await connection.request("tokenward/tokens", {});
  await connection.request("tokenward/terminal/transcript", { uri: "a:b" }, token);
  await connection.executeCommand("tokenward.server.delete", { reference: "keyring://a/B" });
  await connection.executeCommand("tokenward.server.scan", undefined);
  assert.deepEqual(received, [
    ["tokenward/tokens", {}],
    ["tokenward/terminal/transcript", { uri: "a:b" }],
    ["workspace/executeCommand", { command: "tokenward.server.delete", arguments: [{ reference: "keyring://a/B" }] }],
    ["workspace/executeCommand", { command: "tokenward.server.scan", arguments: [] }],
  ]);
});

test("without a server, a request is rejected and a notification is dropped", async () => {
  const connection = new Connection();
  await assert.rejects(connection.request("tokenward/tokens", {}), ServerNotRunning);
  const deleted = connection.executeCommand("tokenward.server.delete", { reference: "keyring://a/B" });
  await assert.rejects(deleted, ServerNotRunning);
  connection.notify("tokenward/terminal/end", { terminal: 1, execution: 2 });
  assert.ok(!connection.isRunning);
});

test("a new server gets the same handlers, and the end of an old one does not affect it", async (context) => {
  const connection = new Connection();
  const happened: string[] = [];
  connection.onDidStart(() => happened.push("start"));
  connection.onDidEnd(() => happened.push("end"));
  connection.onRequest("tokenward/passphrase", () => Promise.resolve({ passphrase: null }));
  const first = connect(context, connection);
  connection.detachClient(first.wire);
  assert.ok(!connection.isRunning);
  const second = connect(context, connection);
  connection.detachClient(first.wire);
  assert.ok(connection.isRunning);
  assert.deepEqual(happened, ["start", "end", "start"]);
  assert.deepEqual(await second.server.sendRequest("tokenward/passphrase", { prompt: "A" }), { passphrase: null });
});
