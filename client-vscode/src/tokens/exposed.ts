import { EventEmitter, languages, type Uri, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { Throttle } from "../util/throttle";
import { type Finding, findingsOf } from "./findings";
import { type Place, placeOf } from "./places";

// While a workspace is scanned the warnings change many times a second.
const PAUSE = 200;

/** The tokens that stand in the open, as the editor shows them; whoever else shows them is told of changes. */
export class Exposed implements Disposable {
  readonly #changed = new EventEmitter<readonly Finding[]>();
  readonly onDidChange = this.#changed.event;
  readonly #parts: Disposable[];
  #findings: readonly Finding[] = [];

  constructor() {
    const look = new Throttle(() => {
      this.#look();
    }, PAUSE);
    const again = (): void => {
      look.ask();
    };
    this.#parts = [
      look,
      this.#changed,
      languages.onDidChangeDiagnostics(again),
      workspace.onDidChangeWorkspaceFolders(again),
      workspace.onDidChangeNotebookDocument(again),
    ];
    look.ask();
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  dispose(): void {
    this.#parts.forEach((part) => {
      part.dispose();
    });
  }

  #look(): void {
    const findings = findingsOf(languages.getDiagnostics(), placeIn);
    if (JSON.stringify(findings.map(told)) !== JSON.stringify(this.#findings.map(told))) {
      this.#findings = findings;
      this.#changed.fire(findings);
    }
  }
}

function told({ id, range, severity, message, place }: Finding): unknown {
  return [id, range.end, severity, message, place];
}

function placeIn(uri: Uri): Place {
  const isOneOfSeveral = (workspace.workspaceFolders ?? []).length > 1;
  return placeOf(uri, { relative: (file) => workspace.asRelativePath(file, isOneOfSeveral), cellOf });
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
