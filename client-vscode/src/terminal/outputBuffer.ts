import type { Disposable } from "vscode-languageserver-protocol";

/** In UTF-16 units; the server accepts messages 16 times as long. */
export const LARGEST_CHUNK = 65_536;
const FLUSH_DELAY = 50;

/** Joins many small chunks into few messages, in order and with a short delay. */
export class OutputBuffer implements Disposable {
  #waiting = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly send: (data: string) => void,
    private readonly wait = FLUSH_DELAY,
  ) {}

  add(data: string): void {
    this.#waiting += data;
    while (this.#waiting.length >= LARGEST_CHUNK) {
      this.#sendFirst(wholeLength(this.#waiting, LARGEST_CHUNK));
    }
    if (this.#waiting !== "") {
      this.#timer ??= setTimeout(() => {
        this.flush();
      }, this.wait);
    }
  }

  flush(): void {
    this.dispose();
    if (this.#waiting !== "") {
      this.#sendFirst(this.#waiting.length);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #sendFirst(length: number): void {
    const data = this.#waiting.slice(0, length);
    this.#waiting = this.#waiting.slice(length);
    this.send(data);
  }
}

/** Returns the length, or one less where it would split a surrogate pair. */
function wholeLength(text: string, length: number): number {
  return /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
}
