const QUIET_PERIOD = 10_000;

/** Decides when new tokens are worth a message: the first of a burst is, what follows it closely is not. */
export class BurstFilter {
  readonly #counts = new Map<string, number>();
  #last = -Infinity;

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether to tell that a text shows this many tokens now. */
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
