import type { Position, Range } from "vscode-languageserver-protocol";

interface Selected {
  readonly isEmpty: boolean;
  readonly start: Position;
  readonly end: Position;
}

/** Returns the selected ranges in the order of the text, or the whole text if nothing is selected. */
export function copyRanges(selections: readonly Selected[], end: Position): Range[] {
  const ranges = selections.filter(({ isEmpty }) => !isEmpty).map((one) => ({ start: place(one.start), end: place(one.end) }));
  if (ranges.length === 0) {
    return [{ start: { line: 0, character: 0 }, end }];
  }
  return ranges.sort((one, other) => one.start.line - other.start.line || one.start.character - other.start.character);
}

function place({ line, character }: Position): Position {
  return { line, character };
}
