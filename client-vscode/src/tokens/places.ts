import type { Uri } from "vscode";
import { TERMINAL_SCHEME } from "../names";
import { sanitise } from "../util/sanitise";

/** A text in which tokens stand, as a person knows it. */
export interface Place {
  /** The file (a notebook for its cells), or whatever else the text is. */
  readonly file: string;
  readonly label: string;
  readonly isTerminal: boolean;
  /** Which of a notebook's cells, from 0. */
  readonly cell?: number;
}

/** What the editor knows of texts. */
export interface WorkspaceLookup {
  /** A file by its path in the workspace. */
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
