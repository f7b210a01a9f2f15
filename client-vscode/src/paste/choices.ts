import { randomUUID } from "node:crypto";
import {
  EventEmitter,
  type FileChangeEvent,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  Uri,
  workspace,
  WorkspaceEdit,
} from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Paste } from "./edits";

const SCHEME = "tokenward-paste";
const ROOT = "/";

/**
 * Learns which offered paste was chosen.
 *
 * The editor tells of some ways to choose only: neither of "Paste As…" nor of dropping. But it always makes the edit
 * that was offered, and that one creates a file in a file system which keeps nothing. So nothing is put into the
 * user's text to find out, and nothing can be left in it.
 */
export class PasteChoices implements FileSystemProvider, Disposable {
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #registered: Disposable;
  #offered: { readonly path: string; readonly paste: Paste } | undefined;
  #made: string | undefined;

  constructor(private readonly onChosen: (paste: Paste) => void) {
    this.#registered = workspace.registerFileSystemProvider(SCHEME, this, { isCaseSensitive: true });
  }

  /** The edit that says that this paste was chosen. */
  createEdit(paste: Paste): WorkspaceEdit {
    // One at a time is offered; the one before needs no longer be known, and it holds a token.
    const path = ROOT + randomUUID();
    this.#offered = { path, paste };
    const edit = new WorkspaceEdit();
    edit.createFile(Uri.from({ scheme: SCHEME, path }), { overwrite: true });
    return edit;
  }

  writeFile(uri: Uri): void {
    if (this.#offered?.path !== uri.path) {
      throw FileSystemError.NoPermissions(uri);
    }
    const { path, paste } = this.#offered;
    this.#offered = undefined;
    this.#made = path;
    this.onChosen(paste);
  }

  stat(uri: Uri): FileStat {
    if (uri.path !== ROOT && uri.path !== this.#made) {
      throw FileSystemError.FileNotFound(uri);
    }
    return { type: uri.path === ROOT ? FileType.Directory : FileType.File, ctime: 0, mtime: 0, size: 0 };
  }

  readFile(): Uint8Array {
    return new Uint8Array();
  }

  /** What undoing the creation asks for. */
  delete(): void {
    this.#made = undefined;
  }

  watch(): Disposable {
    return { dispose: () => undefined };
  }

  readDirectory(): [string, FileType][] {
    return [];
  }

  createDirectory(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }

  rename(uri: Uri): void {
    throw FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#offered = undefined;
    this.#registered.dispose();
    this.#changed.dispose();
  }
}
