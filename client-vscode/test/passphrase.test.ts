import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test, type TestContext } from "node:test";
import {
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import type { ClientCapabilities } from "vscode-languageclient/node";
import { type AskHidden, PassphraseFeature } from "../src/passphrase";

const METHOD = "tokenward/passphrase";

/** The server's end of a connection whose other end has the feature. */
function serverEnd(
  context: TestContext,
  ask: AskHidden,
): { server: MessageConnection; feature: PassphraseFeature } {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const client = createMessageConnection(new StreamMessageReader(there), new StreamMessageWriter(back));
  const server = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  const feature = new PassphraseFeature(client, ask);
  feature.initialize();
  client.listen();
  server.listen();
  context.after(() => {
    client.dispose();
    server.dispose();
  });
  return { server, feature };
}

test("the server's prompt is shown and the answer goes back", async (context) => {
  const prompts: string[] = [];
  const { server } = serverEnd(context, (prompt) => {
    prompts.push(prompt);
    return Promise.resolve("correct horse");
  });
  assert.deepEqual(await server.sendRequest(METHOD, { prompt: "Passphrase of x?" }), {
    passphrase: "correct horse",
  });
  assert.deepEqual(prompts, ["Passphrase of x?"]);
});

test("a refusal is null, and an empty passphrase stays empty", async (context) => {
  const answers = [undefined, ""];
  const { server } = serverEnd(context, () => Promise.resolve(answers.shift()));
  assert.deepEqual(await server.sendRequest(METHOD, { prompt: "?" }), { passphrase: null });
  assert.deepEqual(await server.sendRequest(METHOD, { prompt: "?" }), { passphrase: "" });
});

test("a request without a prompt is still asked", async (context) => {
  const { server } = serverEnd(context, (prompt) => Promise.resolve(prompt));
  for (const params of [{}, { prompt: 7 }, [], "text"]) {
    assert.deepEqual(await server.sendRequest(METHOD, params), { passphrase: "Passphrase" });
  }
});

test("the question is withdrawn when the server cancels its request", async (context) => {
  let tell: (token: CancellationToken) => void = () => undefined;
  const asked = new Promise<CancellationToken>((resolve) => (tell = resolve));
  const { server } = serverEnd(context, (_, token) => {
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

test("nothing is answered after the feature was cleared", async (context) => {
  const { server, feature } = serverEnd(context, () => Promise.resolve("secret"));
  feature.clear();
  await assert.rejects(server.sendRequest(METHOD, { prompt: "?" }), /Unhandled method/);
});

test("the server is told that it can ask, beside what others announce", (context) => {
  const { feature } = serverEnd(context, () => Promise.resolve(""));
  const capabilities: ClientCapabilities = { experimental: { other: true, tokenward: { more: 1 } } };
  feature.fillClientCapabilities(capabilities);
  assert.deepEqual(capabilities.experimental, { other: true, tokenward: { more: 1, passphrase: true } });
  const bare: ClientCapabilities = {};
  feature.fillClientCapabilities(bare);
  assert.deepEqual(bare.experimental, { tokenward: { passphrase: true } });
});
