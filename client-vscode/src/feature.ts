import type { ExtensionContext, LogOutputChannel } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Connection } from "./client/connection";
import type { ServerState } from "./server/state";

/** The objects that all features share. */
export interface Services {
  readonly context: ExtensionContext;
  readonly channel: LogOutputChannel;
  readonly connection: Connection;
  readonly server: ServerState;
}

/** Registers a part of the extension that knows the server only by its connection. */
export type Feature = (services: Services) => Disposable[];
