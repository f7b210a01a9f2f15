import type { ExtensionContext, LogOutputChannel } from "vscode";
import type { Connection } from "./client/connection";
import type { ServerState } from "./server/state";

/** What each part of the extension is given when it is registered. */
export interface Extension {
  readonly context: ExtensionContext;
  readonly channel: LogOutputChannel;
  readonly connection: Connection;
  readonly server: ServerState;
}
