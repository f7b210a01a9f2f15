import { type Change, shiftSpans, type Span, mergeSpans } from "./spans";

/**
 * What is hidden of each text: more at once when a warning comes, less only after all was quiet.
 *
 * In between a warning may be behind the text that it is for, and a server that ends takes its warnings along.
 */
export class HiddenSpans {
  readonly #spans = new Map<string, readonly Span[]>();
  // Texts whose warnings went with a server, and did not come back yet.
  readonly #held = new Set<string>();

  spansIn(uri: string): readonly Span[] {
    return this.#spans.get(uri) ?? [];
  }

  shift(uri: string, changes: readonly Change[]): void {
    this.#put(uri, changes.reduce<readonly Span[]>(shiftSpans, this.spansIn(uri)));
  }

  add(uri: string, spans: readonly Span[]): void {
    this.#put(uri, mergeSpans(this.spansIn(uri), spans));
  }

  /** The warnings that are shown now are those of the text as it stands. */
  settle(uri: string, spans: readonly Span[]): void {
    if (spans.length > 0) {
      this.#held.delete(uri);
    }
    if (!this.#held.has(uri)) {
      this.#put(uri, spans);
    }
  }

  /** Nothing that is hidden now is shown until there are warnings again. */
  hold(): void {
    for (const uri of this.#spans.keys()) {
      this.#held.add(uri);
    }
  }

  forget(uri: string): void {
    this.#spans.delete(uri);
    this.#held.delete(uri);
  }

  clear(): void {
    this.#spans.clear();
    this.#held.clear();
  }

  #put(uri: string, spans: readonly Span[]): void {
    if (spans.length > 0) {
      this.#spans.set(uri, spans);
    } else {
      this.#spans.delete(uri);
    }
  }
}
