import type { Event } from "vscode-languageserver-protocol";

/**
 * Tells whoever listens of what happens.
 *
 * The library's own comes with all of the protocol, which is loaded only once the server is starting.
 */
export class Emitter<Value> {
  readonly event: Event<Value>;
  readonly #listeners = new Set<{ call: (value: Value) => unknown }>();

  constructor() {
    this.event = (call) => {
      const listener = { call };
      this.#listeners.add(listener);
      return {
        dispose: () => {
          this.#listeners.delete(listener);
        },
      };
    };
  }

  fire(value: Value): void {
    for (const { call } of [...this.#listeners]) {
      call(value);
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
