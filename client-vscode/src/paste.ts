import {
  CancellationError,
  type CancellationToken,
  type DataTransfer,
  DocumentDropEdit,
  DocumentDropOrPasteEditKind as Kind,
  DocumentPasteEdit,
  type DocumentPasteEditContext,
  DocumentPasteTriggerKind,
  languages,
  type Position,
  Range,
  type TextDocument,
  window,
} from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { attempt } from "./attempt";
import type { Extension } from "./feature";
import { LatePastes, type Store } from "./latePaste";
import { METHOD_PASTE, METHOD_PASTE_STORE } from "./names";
import { changeOf, type Paste, paramsOf, whenApplied } from "./pasteEdits";
import { mayHoldToken, type StoredPaste } from "./pasting";
import { within } from "./within";

const DOCUMENTS = [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }];
const PLAIN_TEXT = "text/plain";
const KIND = Kind.Empty.append("tokenward", "reference");
// Every paste waits for the answer, and the editor offers its user the plain paste meanwhile.
const PATIENCE = 3_000;

/** Offers to paste a reference in place of a token. Plain paste stays the default; nothing is stored before the choice. */
export function pasteReferences(extension: Extension): Disposable[] {
  const store = storeWith(extension);
  const late = new LatePastes(store);
  const offers = new Offers(extension, late, store);
  return [
    late,
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

function storeWith({ connection, channel }: Extension): Store {
  return async (paste) => {
    const stored = connection.request<StoredPaste | null>(METHOD_PASTE_STORE, paramsOf(paste));
    return (await attempt(stored, channel)) ?? undefined;
  };
}

class ReferencePaste extends DocumentPasteEdit {
  /** What the document held when the paste was offered; its version differs after another paste was undone. */
  readonly before: string;

  constructor(
    readonly paste: Paste,
    text: string,
    title: string,
  ) {
    super(text, title, KIND);
    this.yieldTo = [Kind.Text];
    this.before = paste.document.getText();
  }
}

class Offers {
  constructor(
    private readonly extension: Extension,
    private readonly late: LatePastes,
    private readonly store: Store,
  ) {}

  async provideDocumentPasteEdits(
    document: TextDocument,
    ranges: readonly Range[],
    data: DataTransfer,
    { triggerKind }: DocumentPasteEditContext,
    token: CancellationToken,
  ): Promise<ReferencePaste[]> {
    const [paste, title] = await this.#offer(document, ranges, data, token);
    if (title === undefined) {
      return [];
    }
    const isPicked = triggerKind === DocumentPasteTriggerKind.PasteAs;
    return [new ReferencePaste(paste, isPicked ? this.late.expect(paste) : "", title)];
  }

  /** Only called when the edit was chosen after a plain paste; when this fails nothing is pasted. */
  async resolveDocumentPasteEdit(edit: ReferencePaste): Promise<ReferencePaste> {
    const { paste, before } = edit;
    const stored = paste.document.getText() === before ? await this.store(paste) : undefined;
    if (stored === undefined) {
      throw new CancellationError();
    }
    const change = changeOf(paste, stored);
    edit.additionalEdit = change;
    void whenApplied(change).then(() => window.showInformationMessage(stored.message));
    return edit;
  }

  async provideDocumentDropEdits(
    document: TextDocument,
    position: Position,
    data: DataTransfer,
    token: CancellationToken,
  ): Promise<DocumentDropEdit[]> {
    const [paste, title] = await this.#offer(document, [new Range(position, position)], data, token);
    if (title === undefined) {
      return [];
    }
    const edit = new DocumentDropEdit(this.late.expect(paste), title, KIND);
    edit.yieldTo = [Kind.Text];
    return [edit];
  }

  async #offer(
    document: TextDocument,
    ranges: readonly Range[],
    data: DataTransfer,
    token: CancellationToken,
  ): Promise<[Paste, string | undefined]> {
    const text = (await data.get(PLAIN_TEXT)?.asString()) ?? "";
    const paste = { document, ranges, text };
    const { connection } = this.extension;
    if (!connection.isRunning || !mayHoldToken(text)) {
      return [paste, undefined];
    }
    // Who pastes is not told of what fails here; the plain paste is there.
    const asked = connection.request<{ title: string } | null>(METHOD_PASTE, paramsOf(paste), token).catch(() => null);
    return [paste, (await within(asked, PATIENCE))?.title];
  }
}
