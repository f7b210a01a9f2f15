import {
  languages,
  Position,
  Range,
  type TextDocument,
  type TextDocumentChangeEvent,
  type TextEditor,
  window,
  workspace,
} from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Connection } from "../client/connection";
import { TERMINAL_SCHEME } from "../names";
import { fingerprintOf } from "../tokens/findings";
import { Hidden } from "./hidden";
import { occurrences, type Span } from "./spans";
import { VEIL } from "./veil";

// After a change the warnings of the changed text are there by then.
const QUIET = 1_000;
// Texts with these schemes the server reads, or has masked.
const LOOKED_AT = new Set(["file", "untitled", "vscode-notebook-cell", TERMINAL_SCHEME]);

/** Hides tokens in all editors until it is disposed. */
export class Curtain implements Disposable {
  readonly #veil = window.createTextEditorDecorationType(VEIL);
  readonly #hidden = new Hidden();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #parts: Disposable[];

  constructor(private readonly connection: Connection) {
    this.#parts = [
      this.#veil,
      languages.onDidChangeDiagnostics(({ uris }) => {
        const changed = new Set(uris.map((uri) => uri.toString()));
        this.#look(shownDocuments().filter(({ uri }) => changed.has(uri.toString())));
      }),
      window.onDidChangeVisibleTextEditors(() => {
        this.#look(shownDocuments());
      }),
      workspace.onDidChangeTextDocument((event) => {
        this.#edited(event);
      }),
      workspace.onDidCloseTextDocument(({ uri }) => {
        this.#hidden.forget(uri.toString());
      }),
      connection.onDidEnd(() => {
        this.#hidden.hold();
      }),
    ];
    this.#look(shownDocuments());
  }

  dispose(): void {
    this.#timers.forEach((timer) => {
      clearTimeout(timer);
    });
    this.#timers.clear();
    this.#parts.forEach((part) => {
      part.dispose();
    });
  }

  /** Hide what is new at once, and show what may be shown later. */
  #look(documents: readonly TextDocument[]): void {
    for (const document of documents) {
      this.#hidden.warned(document.uri.toString(), spansOf(document));
      this.#settleLater(document);
    }
    this.#draw();
  }

  #edited({ document, contentChanges }: TextDocumentChangeEvent): void {
    const uri = document.uri.toString();
    if (this.#hidden.of(uri).length > 0) {
      // The editor moves what it shows by itself; this is for editors that come.
      this.#hidden.changed(uri, contentChanges);
      this.#settleLater(document);
    }
  }

  #settleLater(document: TextDocument): void {
    const uri = document.uri.toString();
    clearTimeout(this.#timers.get(uri));
    const settle = (): void => {
      this.#timers.delete(uri);
      if (this.connection.isRunning && !document.isClosed) {
        this.#hidden.settled(uri, spansOf(document));
        this.#draw();
      }
    };
    this.#timers.set(uri, setTimeout(settle, QUIET));
  }

  #draw(): void {
    const values = this.#values();
    for (const editor of window.visibleTextEditors) {
      editor.setDecorations(this.#veil, this.#rangesIn(editor, values));
    }
  }

  /** In a text that the server does not read, such as the older side of a comparison, what is hidden elsewhere. */
  #rangesIn({ document }: TextEditor, values: ReadonlySet<string>): Range[] {
    if (LOOKED_AT.has(document.uri.scheme)) {
      return this.#hidden.of(document.uri.toString()).map(rangeOf);
    }
    const found = values.size === 0 ? [] : occurrences(document.getText(), values);
    return found.map(([start, end]) => new Range(document.positionAt(start), document.positionAt(end)));
  }

  #values(): Set<string> {
    const isNeeded = window.visibleTextEditors.some(({ document }) => !LOOKED_AT.has(document.uri.scheme));
    const documents = isNeeded ? workspace.textDocuments : [];
    return new Set(
      documents.flatMap((document) =>
        this.#hidden.of(document.uri.toString()).map((span) => document.getText(rangeOf(span))),
      ),
    );
  }
}

function shownDocuments(): TextDocument[] {
  const documents = window.visibleTextEditors.map(({ document }) => document);
  return [...new Set(documents)].filter(({ uri }) => uri.scheme !== TERMINAL_SCHEME);
}

function spansOf({ uri }: TextDocument): Span[] {
  return languages
    .getDiagnostics(uri)
    .filter((diagnostic) => fingerprintOf(diagnostic) !== undefined)
    .map(({ range }) => range);
}

function rangeOf({ start, end }: Span): Range {
  return new Range(toPosition(start), toPosition(end));
}

function toPosition({ line, character }: Span["start"]): Position {
  return new Position(line, character);
}
