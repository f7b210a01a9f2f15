import type { CancellationToken } from "vscode";
import type { ClientCapabilities, FeatureState, StaticFeature } from "vscode-languageclient/node";
import { METHOD_PASSPHRASE } from "./names";

/** Asks the user for a text that is not shown; undefined when the user refuses. */
export type AskHidden = (prompt: string, token: CancellationToken) => Thenable<string | undefined>;

/** What answers the server's requests: a language client. */
export interface Requests {
  onRequest(
    method: string,
    handler: (params: unknown, token: CancellationToken) => Promise<PassphraseResult>,
  ): { dispose(): void };
}

export interface PassphraseResult {
  readonly passphrase: string | null;
}

/** Lets the server ask the user for a passphrase, and tells it so when it starts. */
export class PassphraseFeature implements StaticFeature {
  #registration: { dispose(): void } | undefined;

  constructor(
    private readonly client: Requests,
    private readonly ask: AskHidden,
  ) {}

  fillClientCapabilities(capabilities: ClientCapabilities): void {
    const experimental = capabilities.experimental as Record<string, object> | undefined;
    const tokenward = { ...experimental?.["tokenward"], passphrase: true };
    capabilities.experimental = { ...experimental, tokenward };
  }

  initialize(): void {
    this.#registration = this.client.onRequest(METHOD_PASSPHRASE, (params, token) =>
      this.#answer(params, token),
    );
  }

  getState(): FeatureState {
    return { kind: "static" };
  }

  clear(): void {
    this.#registration?.dispose();
    this.#registration = undefined;
  }

  async #answer(params: unknown, token: CancellationToken): Promise<PassphraseResult> {
    return { passphrase: (await this.ask(promptOf(params), token)) ?? null };
  }
}

function promptOf(params: unknown): string {
  if (
    typeof params === "object" &&
    params !== null &&
    "prompt" in params &&
    typeof params.prompt === "string"
  ) {
    return params.prompt;
  }
  return "Passphrase";
}
