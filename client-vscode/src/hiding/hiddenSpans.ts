import { type Change, mergeSpans, shiftSpans, type Span } from "./spans";

/**
 * Tracks the hidden spans of each document: warnings add spans at once, and spans go only after a quiet period.
 *
 * Until then, warnings may lag behind the text, and a server that stops takes its warnings with it.
 */
export class HiddenSpans {
  readonly #spans = new Map<string, readonly Span[]>();
  // Documents that lost their warnings with a server and have no new ones yet.
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

  /** Replaces a document's spans with those of its current warnings. */
  settle(uri: string, spans: readonly Span[]): void {
    if (spans.length > 0) {
      this.#held.delete(uri);
    }
    if (!this.#held.has(uri)) {
      this.#put(uri, spans);
    }
  }

  /** Keeps all hidden spans until there are warnings again. */
  hold(): void {
    for (const uri of this.#spans.keys()) {
      this.#held.add(uri);
    }
  }

  forget(uri: string): void {
    this.#spans.delete(uri);
    this.#held.delete(uri);
  }

  #put(uri: string, spans: readonly Span[]): void {
    if (spans.length > 0) {
      this.#spans.set(uri, spans);
    } else {
      this.#spans.delete(uri);
    }
  }
}
