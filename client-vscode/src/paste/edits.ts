import { type Position, Range, type TextDocument, Uri, WorkspaceEdit } from "vscode";
import type { PasteParams, StoredPaste } from "../protocol";

/** A text to paste, and where. */
export interface Paste {
  readonly document: TextDocument;
  readonly ranges: readonly Range[];
  readonly text: string;
  /** The whole document at the time of the offer. */
  readonly before: string;
}

/** Returns a paste as the server expects it, at the document's current version. */
export function pasteParams({ document, ranges, text }: Paste): PasteParams {
  const toPosition = ({ line, character }: Position): PasteParams["ranges"][number]["start"] => ({ line, character });
  const places = ranges.map(({ start, end }) => ({ start: toPosition(start), end: toPosition(end) }));
  return { uri: document.uri.toString(), version: document.version, ranges: places, text };
}

/**
 * Converts the server's answer to a single edit. VS Code would apply a paste with additional edits in steps, and a file
 * could be saved in between.
 */
export function toWorkspaceEdit({ document, ranges }: Paste, { text, edit }: StoredPaste): WorkspaceEdit {
  const [all, changes] = [new WorkspaceEdit(), edit?.documentChanges ?? []];
  for (const { uri } of changes.filter((change) => "kind" in change)) {
    all.createFile(Uri.parse(uri), { ignoreIfExists: true });
  }
  for (const range of ranges) {
    all.replace(document.uri, range, text);
  }
  for (const { textDocument, edits } of changes.filter((change) => "edits" in change)) {
    for (const { range, newText } of edits) {
      const { start, end } = range;
      const place = new Range(start.line, start.character, end.line, end.character);
      all.replace(Uri.parse(textDocument.uri), place, newText);
    }
  }
  return all;
}
