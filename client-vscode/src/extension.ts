import { homedir } from "node:os";
import { commands, type Disposable, type ExtensionContext, Uri, window, workspace } from "vscode";
import { delayAfter } from "./backoff";
import { createClient } from "./client";
import { Connection } from "./connection";
import { findServer } from "./executable";
import type { Extension } from "./feature";
import {
  CLIENT_NAME,
  COMMAND_RESTART,
  COMMAND_SCAN,
  COMMAND_SHOW_OUTPUT,
  CONTEXT_SERVER,
  SERVER_COMMAND_SCAN,
  SETTING_SERVER_PATH,
  SETTING_SERVER_PYTHON,
  SETTINGS_SECTION,
} from "./names";
import { answerPassphrases } from "./passphrase";
import { createReport } from "./report";
import { type Session, Supervisor } from "./supervisor";

const START_LIMIT = 30_000;

// Each is a part of the extension that knows the server by its connection only.
const FEATURES: readonly ((extension: Extension) => Disposable[])[] = [];

let supervisor: Supervisor | undefined;

/** Starts the server without waiting for it, so that the editor's own start is not held up. */
export function activate(context: ExtensionContext): void {
  const channel = window.createOutputChannel(CLIENT_NAME, { log: true });
  const extension: Extension = { context, channel, connection: new Connection() };
  answerPassphrases(extension.connection, (prompt, token) =>
    window.showInputBox({ title: CLIENT_NAME, prompt, password: true, ignoreFocusOut: true }, token),
  );
  context.subscriptions.push(channel, ...FEATURES.flatMap((register) => register(extension)));
  const server = supervise(extension);
  supervisor = server;
  context.subscriptions.push(
    commands.registerCommand(COMMAND_SCAN, () => scanAgain(server)),
    commands.registerCommand(COMMAND_RESTART, () => server.restart()),
    commands.registerCommand(COMMAND_SHOW_OUTPUT, () => {
      channel.show();
    }),
    workspace.onDidChangeConfiguration((event) => {
      const settings = [SETTING_SERVER_PATH, SETTING_SERVER_PYTHON];
      if (settings.some((setting) => event.affectsConfiguration(`${SETTINGS_SECTION}.${setting}`))) {
        void server.restart();
      }
    }),
  );
  void server.restart();
}

export async function deactivate(): Promise<void> {
  await supervisor?.stop();
}

/** What keeps the server running, and tells the rest of the extension how it fares. */
function supervise({ context, channel, connection }: Extension): Supervisor {
  const tell = createReport(channel, Uri.joinPath(context.extensionUri, "docs", "server.md"));
  const report = {
    startFailed: (error: unknown) => {
      setServer("failed");
      tell.startFailed(error);
    },
    restarting: (milliseconds: number) => {
      setServer("starting");
      tell.restarting(milliseconds);
    },
    gaveUp: () => {
      setServer("failed");
      tell.gaveUp();
    },
  };
  connection.onDidStart(() => {
    setServer("running");
  });
  return new Supervisor((onCrash) => openSession({ context, channel, connection }, onCrash), report, {
    start: START_LIMIT,
    delayAfter,
  });
}

function setServer(state: "starting" | "running" | "failed"): void {
  void commands.executeCommand("setContext", CONTEXT_SERVER, state);
}

/** The server's own command is there while it runs; starting it scans the workspace as well. */
async function scanAgain(server: Supervisor): Promise<void> {
  const known = await commands.getCommands(true);
  await (known.includes(SERVER_COMMAND_SCAN) ? commands.executeCommand(SERVER_COMMAND_SCAN) : server.restart());
}

async function openSession(extension: Extension, onCrash: () => void): Promise<Session> {
  const { channel, connection } = extension;
  const configured = workspace.getConfiguration(SETTINGS_SECTION).get<string>(SETTING_SERVER_PATH, "");
  const machine = { platform: process.platform, home: homedir(), environment: process.env };
  const program = await findServer(configured, machine);
  const client = createClient(program, channel, () => {
    connection.closed(client);
    onCrash();
  });
  connection.prepare(client);
  connection.program = program;
  return {
    start: async () => {
      await client.start();
      connection.opened(client);
    },
    stop: () => {
      connection.closed(client);
      return client.dispose();
    },
  };
}
