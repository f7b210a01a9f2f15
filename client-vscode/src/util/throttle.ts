import type { Disposable } from "vscode-languageserver-protocol";

/** Runs something soon after it was asked for, once for all that asked in between. */
export class Throttle implements Disposable {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly run: () => void,
    private readonly milliseconds: number,
  ) {}

  schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.run();
    }, this.milliseconds);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
