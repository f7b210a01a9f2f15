import type { Terminal } from "vscode";
import type { TerminalParams } from "../protocol";

/** Assigns ids to open terminals. */
export class TerminalIds {
  readonly #ids = new Map<Terminal, string>();
  #last = 0;

  idOf(terminal: Terminal): string {
    const id = this.#ids.get(terminal) ?? `terminal-${(++this.#last).toString()}`;
    this.#ids.set(terminal, id);
    return id;
  }

  terminalOf(id: TerminalParams["terminal"]): Terminal | undefined {
    return [...this.#ids].find(([, known]) => known === id)?.[0];
  }

  forget(terminal: Terminal): void {
    this.#ids.delete(terminal);
  }
}
