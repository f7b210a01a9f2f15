import type { Uri } from "vscode";
import { TERMINAL_SCHEME } from "../names";
import { sanitise } from "../util/sanitise";

/** A document with tokens, as shown to the user. */
export interface Place {
  /** The URI of the file, the cell's notebook, or the other document. */
  readonly file: string;
  readonly label: string;
  readonly isTerminal: boolean;
  /** The index of the notebook cell. */
  readonly cell?: number;
}

/** Looks up files and notebooks in the workspace. */
export interface WorkspaceLookup {
  /** Returns a file's path in the workspace. */
  readonly relativePath: (uri: Uri) => string;
  readonly cellOf: (uri: Uri) => { readonly notebook: Uri; readonly index: number } | undefined;
}

export function placeOf(uri: Uri, { relativePath, cellOf }: WorkspaceLookup): Place {
  if (uri.scheme === TERMINAL_SCHEME) {
    return { file: uri.toString(), label: sanitise(uri.path.split("/").at(-1) ?? ""), isTerminal: true };
  }
  const cell = cellOf(uri);
  const file = cell?.notebook ?? uri;
  const place = { file: file.toString(), label: sanitise(relativePath(file)), isTerminal: false };
  return cell === undefined ? place : { ...place, cell: cell.index };
}
