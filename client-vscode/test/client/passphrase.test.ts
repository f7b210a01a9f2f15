import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  type CancellationToken,
  CancellationTokenSource,
  type MessageConnection,
} from "vscode-languageserver-protocol/node";
import { Connection } from "../../src/client/connection";
import { answerPassphraseRequests, type AskPassphrase } from "../../src/client/passphrase";
import { connect } from "../rpcClient";

const METHOD = "tokenward/passphrase";

function serverEnd(context: TestContext, ask: AskPassphrase): MessageConnection {
  const connection = new Connection();
  answerPassphraseRequests(connection, ask);
  return connect(context, connection).server;
}

test("the server's prompt is shown and the answer goes back", async (context) => {
  const prompts: string[] = [];
  const server = serverEnd(context, (prompt) => {
    prompts.push(prompt);
    return Promise.resolve("correct horse");
  });
  assert.deepEqual(await server.sendRequest(METHOD, { prompt: "Passphrase of x?" }), {
    passphrase: "correct horse",
  });
  assert.deepEqual(prompts, ["Passphrase of x?"]);
});

test("cancelling answers null, and an empty passphrase stays empty", async (context) => {
  const answers = [undefined, ""];
  const server = serverEnd(context, () => Promise.resolve(answers.shift()));
  assert.deepEqual(await server.sendRequest(METHOD, { prompt: "?" }), { passphrase: null });
  assert.deepEqual(await server.sendRequest(METHOD, { prompt: "?" }), { passphrase: "" });
});

test("the input box closes when the server cancels its request", async (context) => {
  let tell: (token: CancellationToken) => void = () => undefined;
  const asked = new Promise<CancellationToken>((resolve) => (tell = resolve));
  const server = serverEnd(context, (_, token) => {
    tell(token);
    return new Promise((resolve) => {
      token.onCancellationRequested(() => {
        resolve(undefined);
      });
    });
  });
  const source = new CancellationTokenSource();
  const answer = server.sendRequest(METHOD, { prompt: "?" }, source.token);
  const token = await asked;
  source.cancel();
  assert.deepEqual(await answer, { passphrase: null });
  assert.ok(token.isCancellationRequested);
});
