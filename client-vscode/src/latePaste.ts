import { l10n, Range, type TextDocument, type TextDocumentChangeEvent, window, workspace, WorkspaceEdit } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { CLIENT_NAME } from "./names";
import { changeOf, type Paste } from "./pasteEdits";
import { placesOf, type StoredPaste } from "./pasting";

export type Store = (paste: Paste) => Promise<StoredPaste | undefined>;

/**
 * Pastes for which the editor does not say that they were chosen: "Paste As…" and dropping.
 *
 * The editor inserts a marker, which shows that this way was chosen; only then is the token stored, and the marker
 * makes room for what the server answers, or for what stood there before.
 */
export class LatePastes implements Disposable {
  readonly #expected = new Map<string, Paste & { readonly before: readonly string[] }>();
  readonly #listening: Disposable;
  #last = 0;

  constructor(private readonly store: Store) {
    this.#listening = workspace.onDidChangeTextDocument((event) => void this.#look(event));
  }

  /** The marker that stands for a paste. */
  expect(paste: Paste): string {
    const marker = `tokenward-paste-${(++this.#last).toString()}-`;
    // One at a time is offered; what was not chosen needs no longer be known, and it holds a token.
    this.#expected.clear();
    this.#expected.set(marker, { ...paste, before: paste.ranges.map((range) => paste.document.getText(range)) });
    return marker;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#expected.clear();
  }

  async #look({ document, contentChanges }: TextDocumentChangeEvent): Promise<void> {
    for (const [marker, paste] of this.#expected) {
      if (document === paste.document && contentChanges.some(({ text }) => text === marker)) {
        this.#expected.delete(marker);
        await this.#finish(marker, paste);
      }
    }
  }

  async #finish(marker: string, { document, text, before }: Paste & { readonly before: readonly string[] }): Promise<void> {
    const [ranges, version] = [rangesOf(marker, document), document.version];
    const stored = await this.store({ document, text, ranges });
    if (stored !== undefined && document.version === version) {
      if (await workspace.applyEdit(changeOf({ document, ranges }, stored))) {
        void window.showInformationMessage(stored.message);
        return;
      }
    }
    await putBack(marker, document, before);
    if (stored !== undefined) {
      const sentence = l10n.t("{0}: nothing was pasted, because the file has changed meanwhile; paste again.", CLIENT_NAME);
      void window.showWarningMessage(sentence);
    }
  }
}

async function putBack(marker: string, document: TextDocument, before: readonly string[]): Promise<void> {
  const edit = new WorkspaceEdit();
  rangesOf(marker, document).forEach((range, index) => {
    edit.replace(document.uri, range, before[index] ?? "");
  });
  await workspace.applyEdit(edit);
}

function rangesOf(marker: string, document: TextDocument): Range[] {
  return placesOf(marker, document.getText()).map(
    (offset) => new Range(document.positionAt(offset), document.positionAt(offset + marker.length)),
  );
}
