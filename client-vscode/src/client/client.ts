import type { ChildProcess } from "node:child_process";
import { languages, type LogOutputChannel, Uri, workspace } from "vscode";
import {
  CloseAction,
  type ConfigurationParams,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from "vscode-languageclient/node";
import { CLIENT_NAME, SETTINGS_SECTION, TERMINAL_SCHEME } from "../names";
import { firstLine, errorKind, forwardServerLog } from "./output";
import { addForgottenDocuments } from "./pullDiagnostics";
import { withoutLinks } from "./withoutLinks";
import { explicitSettings } from "./settings";
import { createSilentChannel } from "./silentChannel";

const DOCUMENTS = [
  { scheme: "file" },
  { scheme: "untitled" },
  { scheme: "vscode-notebook-cell" },
  { scheme: TERMINAL_SCHEME },
];

/** A language client for a server that was started; `onCrash` is called when the server ends after it had started. */
export function createClient(
  server: ChildProcess,
  channel: LogOutputChannel,
  onCrash: () => void,
): LanguageClient {
  const client: LanguageClient = new RedactingClient(server, {
    documentSelector: DOCUMENTS,
    diagnosticCollectionName: SETTINGS_SECTION,
    outputChannel: channel,
    traceOutputChannel: createSilentChannel(),
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    stdioOptions: { stdout: ignoreStream, stderr: forwardServerLog(() => client.isRunning()) },
    // What stands in tabs that were not shown yet comes with the workspace's pull. A pull of their own would hide
    // it: it may come before their files are scanned, its answer goes first, and it is never repeated.
    diagnosticPullOptions: { onChange: true, onTabs: false },
    middleware: {
      workspace: {
        configuration: answerConfiguration,
        // What is set is asked for then; what the library would send has defaults, and the extension's own settings.
        didChangeConfiguration: (_, next) => next(undefined),
      },
      provideWorkspaceDiagnostics: (known, token, report, next) =>
        next(addForgottenDocuments(known, languages.getDiagnostics()), token, report),
    },
    connectionOptions: { messageStrategy: { handleMessage: (message, next) => next(withoutLinks(message)) } },
    initializationFailedHandler: () => false,
    errorHandler: createErrorHandler(() => {
      if (client.isRunning()) {
        onCrash();
      }
    }),
  });
  return client;
}

/** Writes nothing but first lines and kinds of errors to the channel, and leaves messages to the extension. */
class RedactingClient extends LanguageClient {
  constructor(server: ChildProcess, options: LanguageClientOptions) {
    super(SETTINGS_SECTION, CLIENT_NAME, () => Promise.resolve(server), options);
  }

  override error(message: string, data?: unknown): void {
    super.error(firstLine(message) + errorKind(data), undefined, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(firstLine(message) + errorKind(data), undefined, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(firstLine(message) + errorKind(data), undefined, false);
  }

  override debug(message: string, data?: unknown): void {
    super.debug(firstLine(message) + errorKind(data), undefined, false);
  }
}

/** The library neither restarts the server nor shows a message; the supervisor does. */
function createErrorHandler(onClosed: () => void): ErrorHandler {
  return {
    error: (error) => ({
      action: ErrorAction.Continue,
      message: `The connection to the server failed.${errorKind(error)}`,
      handled: true,
    }),
    closed: () => {
      onClosed();
      return {
        action: CloseAction.DoNotRestart,
        message: "The connection to the server was closed.",
        handled: true,
      };
    },
  };
}

function answerConfiguration({ items }: ConfigurationParams): (Record<string, unknown> | null)[] {
  return items.map(({ section, scopeUri }) => {
    if (section !== SETTINGS_SECTION) {
      return null;
    }
    const scope = scopeUri === undefined ? undefined : Uri.parse(scopeUri);
    return explicitSettings(workspace.getConfiguration(section, scope));
  });
}

function ignoreStream(): void {
  // Standard output is the protocol.
}
