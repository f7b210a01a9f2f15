import type { Disposable, Event } from "vscode-languageserver-protocol";
import type { LogOutputChannel } from "vscode";
import type { Connection } from "../client/connection";
import { errorKind } from "../client/output";
import { METHOD_TOKENS } from "../names";
import type { StoredToken } from "../protocol";
import { Emitter } from "../util/emitter";

/** The stored tokens of the open folders, as the server last reported them. */
export class StoredTokenList implements Disposable {
  readonly onDidChange: Event<void>;
  readonly #changed = new Emitter<void>();
  #tokens: readonly StoredToken[] = [];
  #turn = 0;

  constructor(
    private readonly connection: Connection,
    private readonly channel: Pick<LogOutputChannel, "warn">,
  ) {
    this.onDidChange = this.#changed.event;
  }

  get tokens(): readonly StoredToken[] {
    return this.#tokens;
  }

  refresh(): void {
    void this.#fetch();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  /** Keeps the old list if the server does not answer, and ignores all but the latest answer. */
  async #fetch(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const answer = await this.connection.request(METHOD_TOKENS, {});
      if (turn === this.#turn && answer !== null) {
        this.#tokens = answer.tokens;
        this.#changed.fire();
      }
    } catch (error) {
      this.channel.warn(`Could not list the stored tokens.${errorKind(error)}`);
    }
  }
}
