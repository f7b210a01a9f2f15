import type { CancellationToken, Disposable, Event } from "vscode-languageserver-protocol";
import type { ClientCapabilities, FeatureState, StaticFeature } from "vscode-languageclient/node";
import { Emitter } from "../util/emitter";

export type RequestHandler = (params: unknown, token: CancellationToken) => unknown;

/** What a language client offers of itself to a connection. */
export interface RpcClient {
  registerFeature(feature: StaticFeature): void;
  onRequest(method: string, handler: RequestHandler): Disposable;
  onNotification(method: string, handler: (params: unknown) => void): Disposable;
  sendRequest(method: string, params: unknown, ...token: readonly CancellationToken[]): Promise<unknown>;
  sendNotification(method: string, params: unknown): Promise<void>;
}

/** How Tokenward's program is started; a verb and its words follow the arguments. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** There is no server to ask. */
export class ServerNotRunning extends Error {}

/**
 * What the extension's features know of the server; it stays while one server follows another.
 *
 * What is announced and handled must be said before the first server starts.
 */
export class Connection {
  readonly onDidStart: Event<void>;
  readonly onDidEnd: Event<void>;
  /** How the server that runs, or ran last, was started. */
  program: Program | undefined;
  readonly #started = new Emitter<void>();
  readonly #ended = new Emitter<void>();
  readonly #capabilities = new Set<string>();
  readonly #requests = new Map<string, RequestHandler>();
  readonly #notifications = new Map<string, (params: unknown) => void>();
  #client: RpcClient | undefined;

  constructor() {
    this.onDidStart = this.#started.event;
    this.onDidEnd = this.#ended.event;
  }

  get isRunning(): boolean {
    return this.#client !== undefined;
  }

  /** Tell each server, by `experimental.tokenward`, of something that the client can do. */
  announceCapability(capability: string): void {
    this.#capabilities.add(capability);
  }

  onRequest(method: string, handler: RequestHandler): void {
    this.#requests.set(method, handler);
  }

  onNotification(method: string, handler: (params: unknown) => void): void {
    this.#notifications.set(method, handler);
  }

  /** Ask the server; rejected with NotRunning while there is none. */
  async request<Result>(method: string, params: object, token?: CancellationToken): Promise<Result> {
    if (this.#client === undefined) {
      throw new ServerNotRunning("The Tokenward server is not running.");
    }
    // The library sends whatever follows the parameters along with them, in a list, unless it is a token.
    const more = token === undefined ? [] : [token];
    return (await this.#client.sendRequest(method, params, ...more)) as Result;
  }

  /** Run a command of the server's; what it has to say it says to the user. */
  async executeCommand(command: string, argument: object): Promise<void> {
    await this.request("workspace/executeCommand", { command, arguments: [argument] });
  }

  /** Tell the server; nobody hears it while there is none. */
  notify(method: string, params: object): void {
    // What cannot be sent any more is of no use to the next server.
    this.#client?.sendNotification(method, params).catch(() => undefined);
  }

  /** Give a client that has not started yet all that was said here. */
  configureClient(client: RpcClient): void {
    client.registerFeature(new CapabilitiesFeature(this.#capabilities));
    for (const [method, handler] of this.#requests) {
      client.onRequest(method, handler);
    }
    for (const [method, handler] of this.#notifications) {
      client.onNotification(method, handler);
    }
  }

  attachClient(client: RpcClient): void {
    this.#client = client;
    this.#started.fire(undefined);
  }

  detachClient(client: RpcClient): void {
    if (this.#client === client) {
      this.#client = undefined;
      this.#ended.fire(undefined);
    }
  }
}

/** Adds abilities to what a client says of itself. */
class CapabilitiesFeature implements StaticFeature {
  constructor(private readonly abilities: Iterable<string>) {}

  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const experimental = capabilities.experimental as Record<string, object> | undefined;
    const ours = Object.fromEntries([...this.abilities].map((ability) => [ability, true]));
    const tokenward = { ...experimental?.["tokenward"], ...ours };
    capabilities.experimental = { ...experimental, tokenward };
  }

  initialize(): void {
    // Handlers are the connection's.
  }

  getState(): FeatureState {
    return { kind: "static" };
  }

  clear(): void {
    // It holds nothing.
  }
}
