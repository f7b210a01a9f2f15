const QUIET_PERIOD = 10_000;

/** Selects the new tokens that deserve a message: the first of a burst, but not those that follow it closely. */
export class BurstFilter {
  readonly #counts = new Map<string, number>();
  #last = -Infinity;

  constructor(private readonly now: () => number = Date.now) {}

  /** Returns whether a burst starts when a document has this many tokens. */
  startsBurst(uri: string, count: number): boolean {
    const before = this.#counts.get(uri) ?? 0;
    if (count === 0) {
      this.#counts.delete(uri);
    } else {
      this.#counts.set(uri, count);
    }
    if (count <= before) {
      return false;
    }
    const since = this.now() - this.#last;
    this.#last = this.now();
    return since >= QUIET_PERIOD;
  }
}
