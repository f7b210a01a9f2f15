import { Range, type TextDocument, Uri, WorkspaceEdit } from "vscode";
import type { Change, FileCreation, StoredPaste, TextChange } from "./storedPaste";

/** A text to paste, and where. */
export interface Paste {
  readonly document: TextDocument;
  readonly ranges: readonly Range[];
  readonly text: string;
  /** The whole document at the time of the offer. */
  readonly before: string;
}

/** Returns a paste as the server expects it, at the document's current version. */
export function pasteParams({ document, ranges, text }: Paste): object {
  const places = ranges.map(({ start, end }) => ({ start: toPosition(start), end: toPosition(end) }));
  return { uri: document.uri.toString(), version: document.version, ranges: places, text };
}

/**
 * Converts the server's answer to a single edit. VS Code would apply a paste with additional edits in steps, and a file
 * could be saved in between.
 */
export function toWorkspaceEdit({ document, ranges }: Paste, { text, edit }: StoredPaste): WorkspaceEdit {
  const [all, changes] = [new WorkspaceEdit(), edit?.documentChanges ?? []];
  for (const { uri } of changes.filter(isCreation)) {
    all.createFile(Uri.parse(uri), { ignoreIfExists: true });
  }
  for (const range of ranges) {
    all.replace(document.uri, range, text);
  }
  for (const { textDocument, edits } of changes.filter((change): change is TextChange => !isCreation(change))) {
    for (const { range, newText } of edits) {
      const { start, end } = range;
      const place = new Range(start.line, start.character, end.line, end.character);
      all.replace(Uri.parse(textDocument.uri), place, newText);
    }
  }
  return all;
}

function isCreation(change: Change): change is FileCreation {
  return "kind" in change;
}

function toPosition({ line, character }: Range["start"]): object {
  return { line, character };
}
