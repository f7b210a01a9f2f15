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
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import type { Services } from "../feature";
import { CLIENT_NAME, METHOD_PASTE, METHOD_PASTE_STORE } from "../names";
import { breakLinks } from "../util/sanitise";
import { withTimeout } from "../util/timeout";
import { PasteChoices } from "./choices";
import { type Paste, pasteParams, toWorkspaceEdit } from "./edits";
import { mayHoldToken } from "./mayHoldToken";

const DOCUMENTS = [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }];
const PLAIN_TEXT = "text/plain";
const KIND = Kind.Empty.append("tokenward", "reference");
// Each paste waits for the answer; meanwhile, VS Code offers a plain paste.
const ANSWER_TIMEOUT = 3_000;

/**
 * Offers to paste a reference instead of a token. Plain paste stays the default, and nothing is stored until the user
 * chooses.
 */
export function pasteReferences(services: Services): Disposable[] {
  const choices = new PasteChoices((paste) => void storePaste(paste, services));
  const provider = new PasteEditProvider(services, choices);
  return [
    choices,
    languages.registerDocumentPasteEditProvider(DOCUMENTS, provider, {
      providedPasteEditKinds: [KIND],
      pasteMimeTypes: [PLAIN_TEXT],
    }),
    languages.registerDocumentDropEditProvider(DOCUMENTS, provider, {
      providedDropEditKinds: [KIND],
      dropMimeTypes: [PLAIN_TEXT],
    }),
  ];
}

/** Stores the pasted token and inserts its reference. */
async function storePaste(paste: Paste, { connection, channel }: Services): Promise<void> {
  const { document, before } = paste;
  if (document.getText() !== before) {
    warnFileChanged();
    return;
  }
  const { version } = document;
  const asked = connection.request(METHOD_PASTE_STORE, pasteParams(paste));
  const stored = await showErrorOnFailure(asked, channel);
  if (stored === undefined || stored === null) {
    return;
  }
  if (document.version === version && (await tryApplyEdit(toWorkspaceEdit(paste, stored)))) {
    void window.showInformationMessage(breakLinks(stored.message));
  } else {
    warnFileChanged();
  }
}

async function tryApplyEdit(change: WorkspaceEdit): Promise<boolean> {
  try {
    return await workspace.applyEdit(change);
  } catch {
    return false;
  }
}

function warnFileChanged(): void {
  const sentence = l10n.t("{0}: nothing was pasted because the file has changed. Paste again.", CLIENT_NAME);
  void window.showWarningMessage(sentence);
}

class PasteEditProvider {
  constructor(
    private readonly services: Services,
    private readonly choices: PasteChoices,
  ) {}

  async provideDocumentPasteEdits(
    document: TextDocument,
    ranges: readonly Range[],
    data: DataTransfer,
    _: unknown,
    token: CancellationToken,
  ): Promise<DocumentPasteEdit[]> {
    return this.#createEdits(document, ranges, data, token, (title) => new DocumentPasteEdit("", title, KIND));
  }

  async provideDocumentDropEdits(
    document: TextDocument,
    position: Position,
    data: DataTransfer,
    token: CancellationToken,
  ): Promise<DocumentDropEdit[]> {
    const ranges = [new Range(position, position)];
    return this.#createEdits(document, ranges, data, token, (title) => new DocumentDropEdit("", title, KIND));
  }

  async #createEdits<Edit extends DocumentPasteEdit | DocumentDropEdit>(
    document: TextDocument,
    ranges: readonly Range[],
    data: DataTransfer,
    token: CancellationToken,
    create: (title: string) => Edit,
  ): Promise<Edit[]> {
    const text = (await data.get(PLAIN_TEXT)?.asString()) ?? "";
    const { connection } = this.services;
    if (!connection.isRunning || !mayHoldToken(text)) {
      return [];
    }
    // Not the version, which differs after the user undoes another paste.
    const paste = { document, ranges, text, before: document.getText() };
    // Errors are not shown; plain paste still works.
    const asked = connection.request(METHOD_PASTE, pasteParams(paste), token).catch(() => null);
    const title = (await withTimeout(asked, ANSWER_TIMEOUT))?.title;
    if (title === undefined) {
      return [];
    }
    const edit = create(title);
    edit.additionalEdit = this.choices.createEdit(paste);
    edit.yieldTo = [Kind.Text];
    return [edit];
  }
}
