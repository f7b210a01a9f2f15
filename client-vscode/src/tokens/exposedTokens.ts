import { EventEmitter, languages, type Uri, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { Throttle } from "../util/throttle";
import { collectFindings, type Finding } from "./findings";
import { type Place, placeOf } from "./places";

// During a scan, diagnostics change many times a second.
const UPDATE_DELAY = 200;

/** The exposed tokens, collected from the editor's diagnostics. */
export class ExposedTokens implements Disposable {
  readonly #changed = new EventEmitter<readonly Finding[]>();
  readonly onDidChange = this.#changed.event;
  readonly #parts: Disposable[];
  #findings: readonly Finding[] = [];

  constructor() {
    const throttle = new Throttle(() => {
      this.#update();
    }, UPDATE_DELAY);
    const again = (): void => {
      throttle.schedule();
    };
    this.#parts = [
      throttle,
      this.#changed,
      languages.onDidChangeDiagnostics(again),
      workspace.onDidChangeWorkspaceFolders(again),
      workspace.onDidChangeNotebookDocument(again),
    ];
    throttle.schedule();
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  dispose(): void {
    this.#parts.forEach((part) => {
      part.dispose();
    });
  }

  #update(): void {
    const findings = collectFindings(languages.getDiagnostics(), placeIn);
    if (JSON.stringify(findings.map(comparableParts)) !== JSON.stringify(this.#findings.map(comparableParts))) {
      this.#findings = findings;
      this.#changed.fire(findings);
    }
  }
}

function comparableParts({ id, range, severity, message, place }: Finding): unknown {
  return [id, range.end, severity, message, place];
}

function placeIn(uri: Uri): Place {
  const isOneOfSeveral = (workspace.workspaceFolders ?? []).length > 1;
  return placeOf(uri, { relativePath: (file) => workspace.asRelativePath(file, isOneOfSeveral), cellOf });
}

function cellOf(uri: Uri): { notebook: Uri; index: number } | undefined {
  const text = uri.toString();
  for (const notebook of workspace.notebookDocuments) {
    const cell = notebook.getCells().find(({ document }) => document.uri.toString() === text);
    if (cell !== undefined) {
      return { notebook: notebook.uri, index: cell.index };
    }
  }
  return undefined;
}
