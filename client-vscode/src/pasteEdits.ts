import { Range, type TextDocument, Uri, workspace, WorkspaceEdit } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Change, FileCreation, StoredPaste, TextChange } from "./pasting";
import { within } from "./within";

const APPLYING = 5_000;

/** What is pasted, and where. */
export interface Paste {
  readonly document: TextDocument;
  readonly ranges: readonly Range[];
  readonly text: string;
}

/** A paste as the server is asked about it, at the document's present version. */
export function paramsOf({ document, ranges, text }: Paste): object {
  const places = ranges.map(({ start, end }) => ({ start: pointOf(start), end: pointOf(end) }));
  return { uri: document.uri.toString(), version: document.version, ranges: places, text };
}

/**
 * All that the server's answer changes, in one edit: as a paste of its own and changes beside it, the editor would
 * make it in parts between which a file could be saved.
 */
export function changeOf({ document, ranges }: Omit<Paste, "text">, { text, edit }: StoredPaste): WorkspaceEdit {
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

function pointOf({ line, character }: Range["start"]): object {
  return { line, character };
}

/** Until an edit was made; not for ever, because what was stored is to be told in any case. */
export async function whenApplied(change: WorkspaceEdit): Promise<void> {
  const left = new Set(change.entries().map(([uri]) => uri.toString()));
  let listening: Disposable | undefined;
  const applied = new Promise<void>((resolve) => {
    listening = workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0 && left.delete(document.uri.toString()) && left.size === 0) {
        resolve();
      }
    });
  });
  await within(applied, APPLYING);
  listening?.dispose();
}
