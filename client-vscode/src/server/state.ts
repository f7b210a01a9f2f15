import type { Event } from "vscode-languageserver-protocol";
import { Emitter } from "../util/emitter";

/** The state of the server as shown to the user; while it scans, there may be tokens that it has not found yet. */
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
