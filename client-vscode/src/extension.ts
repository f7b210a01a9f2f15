import { commands, type ExtensionContext, Uri, window, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { delayAfter } from "./server/backoff";
import { Connection } from "./client/connection";
import { resolveDebugConfigurations } from "./run/debugging";
import type { Extension } from "./feature";
import {
  CLIENT_NAME,
  COMMAND_RESTART,
  COMMAND_SCAN,
  COMMAND_SHOW_OUTPUT,
  CONTEXT_SERVER,
  METHOD_LOOKED,
  SERVER_COMMAND_SCAN,
  SETTING_SERVER_PATH,
  SETTING_SERVER_PYTHON,
  SETTINGS_SECTION,
} from "./names";
import { hideTokens } from "./hiding/hideTokens";
import { openTerminals } from "./run/openTerminal";
import { pasteReferences } from "./paste/paste";
import { answerPassphrases } from "./client/passphrase";
import { answerQuestions } from "./client/questions";
import { createReport } from "./server/trouble";
import { showReports } from "./report/view";
import { searchServer } from "./server/search";
import { offerSecretStorage } from "./client/secretStorage";
import { ServerState, type State } from "./server/state";
import { endServer, startServer } from "./server/process";
import { type Session, Supervisor } from "./server/supervisor";
import { runTasks } from "./run/tasks";
import { watchTerminals } from "./terminal/watchTerminals";
import { showExposedTokens } from "./tokens/findingsView";
import { showStoredTokens } from "./tokens/storedView";

const START_LIMIT = 30_000;

// Each is a part of the extension that knows the server by its connection only.
const FEATURES: readonly ((extension: Extension) => Disposable[])[] = [
  showExposedTokens,
  showStoredTokens,
  hideTokens,
  showReports,
  offerSecretStorage,
  watchTerminals,
  pasteReferences,
  resolveDebugConfigurations,
  runTasks,
  openTerminals,
];

let supervisor: Supervisor | undefined;

/** Starts the server without waiting for it, so that the editor's own start is not held up. */
export function activate(context: ExtensionContext): void {
  const channel = window.createOutputChannel(CLIENT_NAME, { log: true });
  const extension: Extension = { context, channel, connection: new Connection(), server: new ServerState() };
  answerPassphrases(extension.connection, (prompt, token) =>
    window.showInputBox({ title: CLIENT_NAME, prompt, password: true, ignoreFocusOut: true }, token),
  );
  answerQuestions(extension.connection, ({ sentence, detail, titles, isModal }) =>
    isModal
      ? window.showWarningMessage(sentence, { modal: true, detail }, ...titles)
      : window.showInformationMessage([sentence, detail].join(" ").trim(), ...titles),
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
function supervise(extension: Extension): Supervisor {
  const { context, channel, connection, server } = extension;
  const tell = createReport(channel, Uri.joinPath(context.extensionUri, "docs", "server.md"));
  const report = {
    startFailed: (error: unknown) => {
      server.set("failed");
      tell.startFailed(error);
    },
    restarting: (milliseconds: number) => {
      server.set("starting");
      tell.restarting(milliseconds);
    },
    gaveUp: () => {
      server.set("failed");
      tell.gaveUp();
    },
  };
  connection.announce("looked");
  connection.onDidStart(() => {
    // Until the first look has ended, that nothing was found would say nothing.
    server.set(workspace.workspaceFolders === undefined ? "running" : "looking");
  });
  connection.onNotification(METHOD_LOOKED, () => {
    server.set("running");
  });
  const open = (onCrash: () => void): Promise<Session> => {
    server.set("starting");
    return openSession(extension, onCrash);
  };
  server.onDidChange(setContext);
  return new Supervisor(open, report, { start: START_LIMIT, delayAfter });
}

function setContext(state: State): void {
  void commands.executeCommand("setContext", CONTEXT_SERVER, state);
}

/** The server's own command is there while it runs; starting it scans the workspace as well. */
async function scanAgain(server: Supervisor): Promise<void> {
  const known = await commands.getCommands(true);
  await (known.includes(SERVER_COMMAND_SCAN) ? commands.executeCommand(SERVER_COMMAND_SCAN) : server.restart());
}

async function openSession(extension: Extension, onCrash: () => void): Promise<Session> {
  const { channel, connection } = extension;
  const { program } = await searchServer(extension);
  const process = await startServer(program);
  // The protocol's library takes longer to load than all else, and is loaded while the server starts.
  const { createClient } = await import("./client/client.js");
  const client = createClient(process, channel, () => {
    connection.closed(client);
    // It may have closed the connection only.
    endServer(process);
    onCrash();
  });
  connection.prepare(client);
  return {
    start: async () => {
      connection.program = program;
      await client.start();
      connection.opened(client);
    },
    stop: async () => {
      connection.closed(client);
      try {
        await client.dispose();
      } finally {
        endServer(process);
      }
    },
  };
}
