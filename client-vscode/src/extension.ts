import { commands, type ExtensionContext, Uri, window, workspace } from "vscode";
import { copyForAi } from "./agents/copyForAi";
import { Connection } from "./client/connection";
import { registerDoctor, writeHeader } from "./client/doctor";
import { answerMessageRequests } from "./client/messageRequests";
import { answerPassphraseRequests } from "./client/passphrase";
import { offerSecretStorage } from "./client/secretStorage";
import type { Feature, Services } from "./feature";
import { hideTokens } from "./hiding/hideTokens";
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
import { pasteReferences } from "./paste/pasteReferences";
import { registerReport } from "./report/view";
import { resolveDebugConfigurations } from "./run/debugConfigurations";
import { registerOpenTerminal } from "./run/openTerminal";
import { provideTasks } from "./run/tasks";
import { restartDelay } from "./server/backoff";
import { findServer } from "./server/findServer";
import { endServer, startServer } from "./server/process";
import { ServerState, type State } from "./server/state";
import { type Session, Supervisor } from "./server/supervisor";
import { createTroubleReporter } from "./server/troubleReporter";
import { watchTerminals } from "./terminal/watchTerminals";
import { showExposedTokens } from "./tokens/findingsView";
import { showMoved } from "./tokens/showMoved";
import { showStoredTokens } from "./tokens/storedTokensView";

const START_LIMIT = 30_000;

const FEATURES: readonly Feature[] = [
  showExposedTokens,
  showStoredTokens,
  hideTokens,
  registerReport,
  offerSecretStorage,
  watchTerminals,
  pasteReferences,
  copyForAi,
  resolveDebugConfigurations,
  provideTasks,
  registerOpenTerminal,
];

let supervisor: Supervisor | undefined;

/** Starts the server but does not wait for it, so that the editor starts without delay. */
export function activate(context: ExtensionContext): void {
  const channel = window.createOutputChannel(CLIENT_NAME, { log: true });
  const services: Services = { context, channel, connection: new Connection(), server: new ServerState() };
  answerPassphraseRequests(services.connection, (prompt, token) =>
    window.showInputBox({ title: CLIENT_NAME, prompt, password: true, ignoreFocusOut: true }, token),
  );
  answerMessageRequests(services.connection, ({ sentence, detail, titles, isModal }) =>
    isModal
      ? window.showWarningMessage(sentence, { modal: true, detail }, ...titles)
      : window.showInformationMessage([sentence, detail].join(" ").trim(), ...titles),
  );
  context.subscriptions.push(channel, ...FEATURES.flatMap((register) => register(services)));
  const server = createSupervisor(services);
  supervisor = server;
  context.subscriptions.push(
    commands.registerCommand(COMMAND_SCAN, () => scanWorkspaceAgain(server)),
    commands.registerCommand(COMMAND_RESTART, () => server.restart()),
    registerDoctor(services),
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

/** Creates the supervisor, which also updates the server's state. */
function createSupervisor(services: Services): Supervisor {
  const { context, channel, connection, server } = services;
  const reporter = createTroubleReporter(channel, Uri.joinPath(context.extensionUri, "docs", "server.md"));
  const stateReporter = {
    reportFailedStart: (error: unknown) => {
      server.set("failed");
      reporter.reportFailedStart(error);
    },
    reportRestart: (milliseconds: number) => {
      server.set("starting");
      reporter.reportRestart(milliseconds);
    },
    reportGivingUp: () => {
      server.set("failed");
      reporter.reportGivingUp();
    },
  };
  connection.announceCapability("looked");
  connection.announceCapability("moved");
  connection.onDidStart(() => {
    // Before the first scan ends, zero findings mean nothing.
    server.set(workspace.workspaceFolders === undefined ? "running" : "scanning");
  });
  connection.onNotification(METHOD_LOOKED, () => {
    server.set("running");
  });
  const open = (onCrash: () => void): Promise<Session> => {
    server.set("starting");
    return openSession(services, onCrash);
  };
  server.onDidChange(setServerContext);
  return new Supervisor(open, stateReporter, { startTimeout: START_LIMIT, restartDelay });
}

function setServerContext(state: State): void {
  void commands.executeCommand("setContext", CONTEXT_SERVER, state);
}

/** Scans with the server's own command, which exists only while the server runs; a start of the server scans, too. */
async function scanWorkspaceAgain(server: Supervisor): Promise<void> {
  const known = await commands.getCommands(true);
  await (known.includes(SERVER_COMMAND_SCAN) ? commands.executeCommand(SERVER_COMMAND_SCAN) : server.restart());
}

async function openSession(services: Services, onCrash: () => void): Promise<Session> {
  const { channel, connection } = services;
  const { program, folder } = await findServer(services);
  const process = await startServer(program, folder);
  // The protocol library loads slowly, so it loads while the server starts.
  const { createClient } = await import("./client/client.js");
  const client = createClient(
    process,
    channel,
    () => {
      connection.detachClient(client);
      // The server may have closed only the connection.
      endServer(process);
      onCrash();
    },
    (result) => void showMoved(result, services.context.globalState),
  );
  connection.configureClient(client);
  return {
    start: async () => {
      connection.program = program;
      await client.start();
      writeHeader(services, program, client.initializeResult?.serverInfo?.version);
      connection.attachClient(client);
    },
    stop: async () => {
      connection.detachClient(client);
      try {
        await client.dispose();
      } finally {
        endServer(process);
      }
    },
  };
}
