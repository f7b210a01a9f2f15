/** The server's answer to a chosen paste. */
export interface StoredPaste {
  readonly text: string;
  readonly edit: { readonly documentChanges?: readonly Change[] } | null;
  readonly message: string;
}

interface Position {
  readonly line: number;
  readonly character: number;
}

export interface TextChange {
  readonly textDocument: { readonly uri: string };
  readonly edits: readonly { readonly range: { readonly start: Position; readonly end: Position }; readonly newText: string }[];
}

export interface FileCreation {
  readonly kind: "create";
  readonly uri: string;
}

export type Change = TextChange | FileCreation;
