import { Range, type TextDocument, Uri, WorkspaceEdit } from "vscode";
import type { Change, FileCreation, StoredPaste, TextChange } from "./storedPaste";

/** What is pasted, and where. */
export interface Paste {
  readonly document: TextDocument;
  readonly ranges: readonly Range[];
  readonly text: string;
  /** The whole document when the paste was offered. */
  readonly before: string;
}

/** A paste as the server is asked about it, at the document's present version. */
export function pasteParams({ document, ranges, text }: Paste): object {
  const places = ranges.map(({ start, end }) => ({ start: toPosition(start), end: toPosition(end) }));
  return { uri: document.uri.toString(), version: document.version, ranges: places, text };
}

/**
 * All that the server's answer changes, in one edit: as a paste of its own and changes beside it, the editor would
 * make it in parts between which a file could be saved.
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
