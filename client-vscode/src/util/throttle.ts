import type { Disposable } from "vscode-languageserver-protocol";

/** Runs a function a short time after the first of several requests. */
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
