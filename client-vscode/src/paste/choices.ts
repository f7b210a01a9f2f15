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
 * Detects which offered paste the user chose.
 *
 * VS Code reports only some choices: not those from "Paste As…", and no drops. But it always applies the offered edit,
 * and that edit creates a file in a file system that stores nothing. So the user's text is not involved.
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

  /** Creates the edit that reports the choice of this paste. */
  createEdit(paste: Paste): WorkspaceEdit {
    // Only one paste is on offer at a time; forget the one before, because it contains a token.
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

  /** Undo of the creation calls this. */
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
