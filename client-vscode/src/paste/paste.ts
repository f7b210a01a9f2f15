import {
  type CancellationToken,
  type DataTransfer,
  DocumentDropEdit,
  DocumentDropOrPasteEditKind as Kind,
  DocumentPasteEdit,
  l10n,
  languages,
  type Position,
  Range,
  type TextDocument,
  window,
  workspace,
  type WorkspaceEdit,
} from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { attempt } from "../client/attempt";
import type { Extension } from "../feature";
import { CLIENT_NAME, METHOD_PASTE, METHOD_PASTE_STORE } from "../names";
import { PasteChoices } from "./choices";
import { changeOf, type Paste, paramsOf } from "./edits";
import { mayHoldToken, type StoredPaste } from "./answer";
import { breakLinks } from "../util/sanitise";
import { withTimeout } from "../util/timeout";

const DOCUMENTS = [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }];
const PLAIN_TEXT = "text/plain";
const KIND = Kind.Empty.append("tokenward", "reference");
// Every paste waits for the answer, and the editor offers its user the plain paste meanwhile.
const PATIENCE = 3_000;

/** Offers to paste a reference in place of a token. Plain paste stays the default; nothing is stored before the choice. */
export function pasteReferences(extension: Extension): Disposable[] {
  const choices = new PasteChoices((paste) => void finish(paste, extension));
  const offers = new Offers(extension, choices);
  return [
    choices,
    languages.registerDocumentPasteEditProvider(DOCUMENTS, offers, {
      providedPasteEditKinds: [KIND],
      pasteMimeTypes: [PLAIN_TEXT],
    }),
    languages.registerDocumentDropEditProvider(DOCUMENTS, offers, {
      providedDropEditKinds: [KIND],
      dropMimeTypes: [PLAIN_TEXT],
    }),
  ];
}

/** Stores a token that was pasted, and puts its reference where it would stand. */
async function finish(paste: Paste, { connection, channel }: Extension): Promise<void> {
  const { document, before } = paste;
  if (document.getText() !== before) {
    tellChanged();
    return;
  }
  const { version } = document;
  const asked = connection.request<StoredPaste | null>(METHOD_PASTE_STORE, paramsOf(paste));
  const stored = await attempt(asked, channel);
  if (stored === undefined || stored === null) {
    return;
  }
  if (document.version === version && (await applied(changeOf(paste, stored)))) {
    void window.showInformationMessage(breakLinks(stored.message));
  } else {
    tellChanged();
  }
}

async function applied(change: WorkspaceEdit): Promise<boolean> {
  try {
    return await workspace.applyEdit(change);
  } catch {
    return false;
  }
}

function tellChanged(): void {
  const sentence = l10n.t("{0}: nothing was pasted, because the file has changed meanwhile; paste again.", CLIENT_NAME);
  void window.showWarningMessage(sentence);
}

class Offers {
  constructor(
    private readonly extension: Extension,
    private readonly choices: PasteChoices,
  ) {}

  async provideDocumentPasteEdits(
    document: TextDocument,
    ranges: readonly Range[],
    data: DataTransfer,
    _: unknown,
    token: CancellationToken,
  ): Promise<DocumentPasteEdit[]> {
    return this.#offer(document, ranges, data, token, (title) => new DocumentPasteEdit("", title, KIND));
  }

  async provideDocumentDropEdits(
    document: TextDocument,
    position: Position,
    data: DataTransfer,
    token: CancellationToken,
  ): Promise<DocumentDropEdit[]> {
    const ranges = [new Range(position, position)];
    return this.#offer(document, ranges, data, token, (title) => new DocumentDropEdit("", title, KIND));
  }

  async #offer<Edit extends DocumentPasteEdit | DocumentDropEdit>(
    document: TextDocument,
    ranges: readonly Range[],
    data: DataTransfer,
    token: CancellationToken,
    create: (title: string) => Edit,
  ): Promise<Edit[]> {
    const text = (await data.get(PLAIN_TEXT)?.asString()) ?? "";
    const { connection } = this.extension;
    if (!connection.isRunning || !mayHoldToken(text)) {
      return [];
    }
    // What the document holds now, since its version differs after another paste was undone.
    const paste = { document, ranges, text, before: document.getText() };
    // Who pastes is not told of what fails here; the plain paste is there.
    const asked = connection.request<{ title: string } | null>(METHOD_PASTE, paramsOf(paste), token).catch(() => null);
    const title = (await withTimeout(asked, PATIENCE))?.title;
    if (title === undefined) {
      return [];
    }
    const edit = create(title);
    edit.additionalEdit = this.choices.offer(paste);
    edit.yieldTo = [Kind.Text];
    return [edit];
  }
}
