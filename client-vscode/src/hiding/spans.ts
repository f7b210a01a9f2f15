/** A position in a document: line and UTF-16 column from 0. */
interface TextPosition {
  readonly line: number;
  readonly character: number;
}

export interface Span {
  readonly start: TextPosition;
  readonly end: TextPosition;
}

/** A change that replaces the text of a range. */
export interface Change {
  readonly range: Span;
  readonly text: string;
}

/**
 * Moves spans along with a change. Text inserted in a span or at its edges extends it; a deletion shrinks or removes
 * it.
 */
export function shiftSpans(spans: readonly Span[], { range, text }: Change): Span[] {
  const end = endOf(range.start, text);
  const behind = (spot: TextPosition): TextPosition => ({
    line: spot.line + end.line - range.end.line,
    character: spot.line === range.end.line ? spot.character + end.character - range.end.character : spot.character,
  });
  return spans
    .map(({ start, end: last }) => ({
      start: compare(start, range.start) <= 0 ? start : compare(start, range.end) >= 0 ? behind(start) : range.start,
      end: compare(last, range.start) < 0 ? last : compare(last, range.end) >= 0 ? behind(last) : end,
    }))
    .filter((span) => compare(span.start, span.end) < 0);
}

/** Merges two lists of spans without duplicates. */
export function mergeSpans(some: readonly Span[], others: readonly Span[]): Span[] {
  const all = [...some, ...others].map((span) => [keyOf(span), span] as const);
  return [...new Map(all).values()];
}

/** Finds all occurrences of some values in a text, as offsets. */
export function findOccurrences(text: string, values: Iterable<string>): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    let at = value === "" ? -1 : text.indexOf(value);
    while (at !== -1) {
      found.push([at, at + value.length]);
      at = text.indexOf(value, at + value.length);
    }
  }
  return found;
}

function endOf(start: TextPosition, text: string): TextPosition {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.at(-1)?.length ?? 0;
  return lines.length === 1
    ? { line: start.line, character: start.character + last }
    : { line: start.line + lines.length - 1, character: last };
}

function compare(one: TextPosition, other: TextPosition): number {
  return one.line - other.line || one.character - other.character;
}

function keyOf({ start, end }: Span): string {
  return [start.line, start.character, end.line, end.character].join(" ");
}
