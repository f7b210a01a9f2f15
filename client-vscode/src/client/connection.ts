import type {
  CancellationToken,
  Disposable,
  Event,
  MessageActionItem,
  ShowMessageRequestParams,
} from "vscode-languageserver-protocol";
import type { ClientCapabilities, FeatureState, StaticFeature } from "vscode-languageclient/node";
import type {
  Capability,
  CommandResults,
  ClientNotifications,
  ClientRequests,
  ServerCommands,
  ServerNotifications,
  ServerRequests,
} from "../protocol";
import { Emitter } from "../util/emitter";

export type RequestHandler = (params: unknown, token: CancellationToken) => unknown;
type NotificationHandler = (params: unknown) => void;

/** The requests that the extension answers: the server's own, and one that the library would answer differently. */
interface AnsweredRequests extends ClientRequests {
  "window/showMessageRequest": { params: ShowMessageRequestParams; result: MessageActionItem | null };
}

/** The result of a command of the server; null for one without. */
type ResultOf<C> = C extends keyof CommandResults ? CommandResults[C] : null;

/** The methods of a language client that a connection uses. */
export interface RpcClient {
  registerFeature(feature: StaticFeature): void;
  onRequest(method: string, handler: RequestHandler): Disposable;
  onNotification(method: string, handler: NotificationHandler): Disposable;
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
  readonly #capabilities = new Set<Capability>();
  readonly #requests = new Map<string, RequestHandler>();
  readonly #notifications = new Map<string, NotificationHandler>();
  #client: RpcClient | undefined;

  constructor() {
    this.onDidStart = this.#started.event;
    this.onDidEnd = this.#ended.event;
  }

  get isRunning(): boolean {
    return this.#client !== undefined;
  }

  /** Announces a client capability to each server, in `experimental.tokenward`. */
  announceCapability(capability: Capability): void {
    this.#capabilities.add(capability);
  }

  /** Registers the handler of a request; nothing checks that the server's parameters have their types. */
  onRequest<M extends keyof AnsweredRequests>(
    method: M,
    handler: (params: AnsweredRequests[M]["params"], token: CancellationToken) => Promise<AnsweredRequests[M]["result"]>,
  ): void {
    this.#requests.set(method, handler as RequestHandler);
  }

  /** Registers the handler of a notification; nothing checks that the server's parameters have their types. */
  onNotification<M extends keyof ClientNotifications>(
    method: M,
    handler: (params: ClientNotifications[M]) => void,
  ): void {
    this.#notifications.set(method, handler as NotificationHandler);
  }

  /** Sends a request; rejects with ServerNotRunning if there is no server. */
  async request<M extends keyof ServerRequests>(
    method: M,
    params: ServerRequests[M]["params"],
    token?: CancellationToken,
  ): Promise<ServerRequests[M]["result"]> {
    // The library sends any further arguments as parameters, unless the last one is a token.
    return this.#send(method, params, ...(token === undefined ? [] : [token]));
  }

  /** Runs a command of the server, which shows what it did, and returns its result if it has one; rejects with ServerNotRunning if there is no server. */
  async executeCommand<C extends keyof ServerCommands>(command: C, argument: ServerCommands[C]): Promise<ResultOf<C>> {
    return this.#send("workspace/executeCommand", { command, arguments: argument === undefined ? [] : [argument] });
  }

  async #send<Result>(method: string, params: object, ...token: readonly CancellationToken[]): Promise<Result> {
    if (this.#client === undefined) {
      throw new ServerNotRunning("The Tokenward server is not running.");
    }
    return (await this.#client.sendRequest(method, params, ...token)) as Result;
  }

  /** Sends a notification, which is lost if there is no server. */
  notify<M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]): void {
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
