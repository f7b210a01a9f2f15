import type { CancellationToken, Disposable, Event } from "vscode-languageserver-protocol";
import type { ClientCapabilities, FeatureState, StaticFeature } from "vscode-languageclient/node";
import { Emitter } from "../util/emitter";

export type RequestHandler = (params: unknown, token: CancellationToken) => unknown;

/** The methods of a language client that a connection uses. */
export interface RpcClient {
  registerFeature(feature: StaticFeature): void;
  onRequest(method: string, handler: RequestHandler): Disposable;
  onNotification(method: string, handler: (params: unknown) => void): Disposable;
  sendRequest(method: string, params: unknown, ...token: readonly CancellationToken[]): Promise<unknown>;
  sendNotification(method: string, params: unknown): Promise<void>;
}

/** A command that starts Tokenward; a subcommand follows its arguments. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** There is no running server. */
export class ServerNotRunning extends Error {}

/**
 * Connects the features to the current server, across restarts.
 *
 * Announce capabilities and register handlers before the first server starts.
 */
export class Connection {
  readonly onDidStart: Event<void>;
  readonly onDidEnd: Event<void>;
  /** The program of the current or last server. */
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

  /** Announces a client capability to each server, in `experimental.tokenward`. */
  announceCapability(capability: string): void {
    this.#capabilities.add(capability);
  }

  onRequest(method: string, handler: RequestHandler): void {
    this.#requests.set(method, handler);
  }

  onNotification(method: string, handler: (params: unknown) => void): void {
    this.#notifications.set(method, handler);
  }

  /** Sends a request; rejects with ServerNotRunning if there is no server. */
  async request<Result>(method: string, params: object, token?: CancellationToken): Promise<Result> {
    if (this.#client === undefined) {
      throw new ServerNotRunning("The Tokenward server is not running.");
    }
    // The library sends any further arguments as parameters, unless the last one is a token.
    const more = token === undefined ? [] : [token];
    return (await this.#client.sendRequest(method, params, ...more)) as Result;
  }

  /** Runs a command of the server, which shows the result itself. */
  async executeCommand(command: string, argument: object): Promise<void> {
    await this.request("workspace/executeCommand", { command, arguments: [argument] });
  }

  /** Sends a notification, which is lost if there is no server. */
  notify(method: string, params: object): void {
    // A notification that fails is useless to the next server.
    this.#client?.sendNotification(method, params).catch(() => undefined);
  }

  /** Registers capabilities and handlers with a client that has not started yet. */
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

/** Adds capabilities to those of a client. */
class CapabilitiesFeature implements StaticFeature {
  constructor(private readonly abilities: Iterable<string>) {}

  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const experimental = capabilities.experimental as Record<string, object> | undefined;
    const ours = Object.fromEntries([...this.abilities].map((ability) => [ability, true]));
    const tokenward = { ...experimental?.["tokenward"], ...ours };
    capabilities.experimental = { ...experimental, tokenward };
  }

  initialize(): void {
    // The connection has the handlers.
  }

  getState(): FeatureState {
    return { kind: "static" };
  }

  clear(): void {
    // There is nothing to clear.
  }
}
