import type { Event } from "vscode-languageserver-protocol";
import type { Connection } from "../client/connection";
import { METHOD_AGENTS_CHANGED } from "../names";
import { Emitter } from "../util/emitter";
import { sanitise } from "../util/sanitise";

/** What somebody changed in the settings that keep agents from tokens, in sentences, as the server last reported it. */
export class GuardChanges {
  readonly onDidChange: Event<readonly string[]>;
  readonly #changed = new Emitter<readonly string[]>();
  #sentences: readonly string[] = [];

  constructor(connection: Connection) {
    this.onDidChange = this.#changed.event;
    connection.announceCapability("agents");
    connection.onNotification(METHOD_AGENTS_CHANGED, ({ changed }) => {
      this.#set(changed.map(sanitise));
    });
    connection.onDidEnd(() => {
      this.#set([]);
    });
  }

  get sentences(): readonly string[] {
    return this.#sentences;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #set(sentences: readonly string[]): void {
    this.#sentences = sentences;
    this.#changed.fire(sentences);
  }
}
