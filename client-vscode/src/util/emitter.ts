import type { Event } from "vscode-languageserver-protocol";

/**
 * Emits events to listeners.
 *
 * The library's own emitter would load the whole protocol, which otherwise loads only when the server starts.
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
