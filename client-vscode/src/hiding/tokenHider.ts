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
import { HIDDEN_TOKEN } from "./decoration";
import { HiddenSpans } from "./hiddenSpans";
import { findOccurrences, type Span } from "./spans";

// After this long, the warnings of a changed text have arrived.
const SETTLE_DELAY = 1_000;
// The schemes of documents that the server scans or has masked.
const SCANNED_SCHEMES = new Set(["file", "untitled", "vscode-notebook-cell", TERMINAL_SCHEME]);

/** Hides tokens in all editors until it is disposed. */
export class TokenHider implements Disposable {
  readonly #decoration = window.createTextEditorDecorationType(HIDDEN_TOKEN);
  readonly #hiddenSpans = new HiddenSpans();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #parts: Disposable[];

  constructor(private readonly connection: Connection) {
    this.#parts = [
      this.#decoration,
      languages.onDidChangeDiagnostics(({ uris }) => {
        const changed = new Set(uris.map((uri) => uri.toString()));
        this.#hideTokensIn(visibleDocuments().filter(({ uri }) => changed.has(uri.toString())));
      }),
      window.onDidChangeVisibleTextEditors(() => {
        this.#hideTokensIn(visibleDocuments());
      }),
      workspace.onDidChangeTextDocument((event) => {
        this.#handleEdit(event);
      }),
      workspace.onDidCloseTextDocument(({ uri }) => {
        this.#hiddenSpans.forget(uri.toString());
      }),
      connection.onDidEnd(() => {
        this.#hiddenSpans.hold();
      }),
    ];
    this.#hideTokensIn(visibleDocuments());
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

  /** Hides new tokens at once, and later reveals text that is no longer a token. */
  #hideTokensIn(documents: readonly TextDocument[]): void {
    for (const document of documents) {
      this.#hiddenSpans.add(document.uri.toString(), warnedSpans(document));
      this.#settleLater(document);
    }
    this.#render();
  }

  #handleEdit({ document, contentChanges }: TextDocumentChangeEvent): void {
    const uri = document.uri.toString();
    if (this.#hiddenSpans.spansIn(uri).length > 0) {
      // VS Code moves existing decorations itself; this is for editors that open later.
      this.#hiddenSpans.shift(uri, contentChanges);
      this.#settleLater(document);
    }
  }

  #settleLater(document: TextDocument): void {
    const uri = document.uri.toString();
    clearTimeout(this.#timers.get(uri));
    const settle = (): void => {
      this.#timers.delete(uri);
      if (this.connection.isRunning && !document.isClosed) {
        this.#hiddenSpans.settle(uri, warnedSpans(document));
        this.#render();
      }
    };
    this.#timers.set(uri, setTimeout(settle, SETTLE_DELAY));
  }

  #render(): void {
    const values = this.#values();
    for (const editor of window.visibleTextEditors) {
      editor.setDecorations(this.#decoration, this.#rangesIn(editor, values));
    }
  }

  /**
   * Returns the ranges to hide. In documents that the server does not scan, such as the old side of a comparison, these
   * are the tokens hidden elsewhere.
   */
  #rangesIn({ document }: TextEditor, values: ReadonlySet<string>): Range[] {
    if (SCANNED_SCHEMES.has(document.uri.scheme)) {
      return this.#hiddenSpans.spansIn(document.uri.toString()).map(toRange);
    }
    const found = values.size === 0 ? [] : findOccurrences(document.getText(), values);
    return found.map(([start, end]) => new Range(document.positionAt(start), document.positionAt(end)));
  }

  #values(): Set<string> {
    const isNeeded = window.visibleTextEditors.some(({ document }) => !SCANNED_SCHEMES.has(document.uri.scheme));
    const documents = isNeeded ? workspace.textDocuments : [];
    return new Set(
      documents.flatMap((document) =>
        this.#hiddenSpans.spansIn(document.uri.toString()).map((span) => document.getText(toRange(span))),
      ),
    );
  }
}

function visibleDocuments(): TextDocument[] {
  const documents = window.visibleTextEditors.map(({ document }) => document);
  return [...new Set(documents)].filter(({ uri }) => uri.scheme !== TERMINAL_SCHEME);
}

function warnedSpans({ uri }: TextDocument): Span[] {
  return languages
    .getDiagnostics(uri)
    .filter((diagnostic) => fingerprintOf(diagnostic) !== undefined)
    .map(({ range }) => range);
}

function toRange({ start, end }: Span): Range {
  return new Range(toPosition(start), toPosition(end));
}

function toPosition({ line, character }: Span["start"]): Position {
  return new Position(line, character);
}
