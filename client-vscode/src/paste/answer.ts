/** What the server answers to a paste that was chosen: all of it is one change. */
export interface StoredPaste {
  readonly text: string;
  readonly edit: { readonly documentChanges?: readonly Change[] } | null;
  readonly message: string;
}

interface Place {
  readonly line: number;
  readonly character: number;
}

export interface TextChange {
  readonly textDocument: { readonly uri: string };
  readonly edits: readonly { readonly range: { readonly start: Place; readonly end: Place }; readonly newText: string }[];
}

export interface FileCreation {
  readonly kind: "create";
  readonly uri: string;
}

export type Change = TextChange | FileCreation;

// As long as the shortest token, and as the longest text that the server takes.
const SHORTEST = 8;
const LONGEST = 1_000_000;

/** Whether a text is worth a question before each paste of one. */
export function mayHoldToken(text: string): boolean {
  return text.length >= SHORTEST && text.length <= LONGEST && /[^\s]{8}/.test(text);
}
