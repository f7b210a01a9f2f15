import assert from "node:assert/strict";
import { test } from "node:test";
import { CancellationTokenSource } from "vscode-languageserver-protocol";
import { Connection, ServerNotRunning } from "../../src/client/connection";
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
  connection.onRequest("ours/double", (params) => Number(params) * 2);
  const told = new Promise((resolve) => {
    connection.onNotification("ours/told", resolve);
  });
  const { server } = connect(context, connection);
  const heard = new Promise((resolve) => server.onNotification("theirs/told", resolve));
  server.onRequest("theirs/half", ({ number }: { number: number }) => number / 2);

  assert.equal(await connection.request("theirs/half", { number: 8 }), 4);
  connection.notify("theirs/told", { a: 1 });
  assert.deepEqual(await heard, { a: 1 });
  assert.equal(await server.sendRequest("ours/double", 21), 42);
  await server.sendNotification("ours/told", { b: 2 });
  assert.deepEqual(await told, { b: 2 });
});

test("parameters arrive unchanged, with a cancellation token or without", async (context) => {
  const connection = new Connection();
  const { server } = connect(context, connection);
  server.onRequest((_, params) => params ?? null);
  const { token } = new CancellationTokenSource();
  assert.deepEqual(await connection.request("theirs/echo", { a: 1 }), { a: 1 });
  assert.deepEqual(await connection.request("theirs/echo", { a: 1 }, token), { a: 1 });
});

test("without a server, a request is rejected and a notification is dropped", async () => {
  const connection = new Connection();
  await assert.rejects(connection.request("theirs/half", {}), ServerNotRunning);
  connection.notify("theirs/told", {});
  assert.ok(!connection.isRunning);
});

test("a new server gets the same handlers, and the end of an old one does not affect it", async (context) => {
  const connection = new Connection();
  const happened: string[] = [];
  connection.onDidStart(() => happened.push("start"));
  connection.onDidEnd(() => happened.push("end"));
  connection.onRequest("ours/name", () => "client");
  const first = connect(context, connection);
  connection.detachClient(first.wire);
  assert.ok(!connection.isRunning);
  const second = connect(context, connection);
  connection.detachClient(first.wire);
  assert.ok(connection.isRunning);
  assert.deepEqual(happened, ["start", "end", "start"]);
  assert.equal(await second.server.sendRequest("ours/name"), "client");
});
