import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import type { ClientCapabilities, StaticFeature } from "vscode-languageclient/node";
import type { Connection, RequestHandler, RpcClient } from "../src/client/connection";

export interface Ends {
  /** The server's end. */
  readonly server: MessageConnection;
  /** What the client gave the connection to speak by. */
  readonly wire: RpcClient;
  /** What the client says of itself, added to what is given. */
  capabilities(before?: ClientCapabilities): ClientCapabilities;
}

/** A server at the other end of a connection, over real streams; it has started when this returns. */
export function connect(context: TestContext, connection: Connection): Ends {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const client = createMessageConnection(new StreamMessageReader(there), new StreamMessageWriter(back));
  const server = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  const features: StaticFeature[] = [];
  const wire: RpcClient = {
    registerFeature: (feature) => features.push(feature),
    onRequest: (method: string, handler: RequestHandler) => client.onRequest(method, handler),
    onNotification: (method, handler) => client.onNotification(method, handler),
    sendRequest: (...request) => client.sendRequest(...request),
    sendNotification: (method, params) => client.sendNotification(method, params),
  };
  connection.configureClient(wire);
  client.listen();
  server.listen();
  connection.attachClient(wire);
  context.after(() => {
    client.dispose();
    server.dispose();
  });
  return {
    server,
    wire,
    capabilities: (before = {}) => {
      for (const feature of features) {
        feature.fillClientCapabilities(before);
      }
      return before;
    },
  };
}
