import { homedir } from "node:os";
import { commands, type ExtensionContext, type LogOutputChannel, Uri, window, workspace } from "vscode";
import { delayAfter } from "./backoff";
import { createClient } from "./client";
import { findServer } from "./executable";
import {
  CLIENT_NAME,
  COMMAND_RESTART,
  COMMAND_SCAN,
  COMMAND_SHOW_OUTPUT,
  DEFAULT_SERVER,
  SERVER_COMMAND_SCAN,
  SETTING_SERVER_PATH,
  SETTINGS_SECTION,
} from "./names";
import { createReport } from "./report";
import { type Session, Supervisor } from "./supervisor";

const START_LIMIT = 30_000;

let supervisor: Supervisor | undefined;

/** Starts the server without waiting for it, so that the editor's own start is not held up. */
export function activate(context: ExtensionContext): void {
  const channel = window.createOutputChannel(CLIENT_NAME, { log: true });
  const report = createReport(channel, Uri.joinPath(context.extensionUri, "docs", "server.md"));
  const server = new Supervisor((onCrash) => openSession(channel, onCrash), report, {
    start: START_LIMIT,
    delayAfter,
  });
  supervisor = server;
  context.subscriptions.push(
    channel,
    commands.registerCommand(COMMAND_SCAN, () => scanAgain(server)),
    commands.registerCommand(COMMAND_RESTART, () => server.restart()),
    commands.registerCommand(COMMAND_SHOW_OUTPUT, () => {
      channel.show();
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SETTINGS_SECTION}.${SETTING_SERVER_PATH}`)) {
        void server.restart();
      }
    }),
  );
  void server.restart();
}

export async function deactivate(): Promise<void> {
  await supervisor?.stop();
}

/** The server's own command is there while it runs; starting it scans the workspace as well. */
async function scanAgain(server: Supervisor): Promise<void> {
  const known = await commands.getCommands(true);
  await (known.includes(SERVER_COMMAND_SCAN) ? commands.executeCommand(SERVER_COMMAND_SCAN) : server.restart());
}

async function openSession(channel: LogOutputChannel, onCrash: () => void): Promise<Session> {
  const configured = workspace
    .getConfiguration(SETTINGS_SECTION)
    .get<string>(SETTING_SERVER_PATH, DEFAULT_SERVER);
  const machine = { platform: process.platform, home: homedir(), environment: process.env };
  const command = await findServer(configured, machine);
  const client = createClient(command, channel, onCrash);
  return { start: () => client.start(), stop: () => client.dispose() };
}
