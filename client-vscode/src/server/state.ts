import type { Event } from "vscode-languageserver-protocol";
import { Emitter } from "../util/emitter";

/** How the server fares, as its user is told; while it is looking, there may be tokens that nobody knows of yet. */
export type State = "starting" | "scanning" | "running" | "failed";

export class ServerState {
  readonly onDidChange: Event<State>;
  readonly #changed = new Emitter<State>();
  #value: State = "starting";

  constructor() {
    this.onDidChange = this.#changed.event;
  }

  get value(): State {
    return this.#value;
  }

  set(value: State): void {
    this.#value = value;
    this.#changed.fire(value);
  }
}
