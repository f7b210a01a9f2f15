import type { ChildProcess } from "node:child_process";
import { env, l10n, languages, type LogOutputChannel, Uri, window, workspace } from "vscode";
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
import { lookUpIn } from "./lookUp";
import { errorKind, firstLine, forwardServerLog } from "./output";
import { addForgottenDocuments } from "./pullDiagnostics";
import { explicitSettings } from "./settings";
import { createSilentChannel } from "./silentChannel";
import { withoutLinks } from "./withoutLinks";

const DOCUMENTS = [
  { scheme: "file" },
  { scheme: "untitled" },
  { scheme: "vscode-notebook-cell" },
  { scheme: TERMINAL_SCHEME },
];

const COPIED_MILLISECONDS = 10_000;

/**
 * Creates a client for a running server.
 *
 * `onCrash` is called if the server ends after its start, `onResult` with the result of each command of a code action.
 */
export function createClient(
  server: ChildProcess,
  channel: LogOutputChannel,
  onCrash: () => void,
  onResult: (result: unknown) => void,
): LanguageClient {
  const client: LanguageClient = new RedactingClient(server, {
    documentSelector: DOCUMENTS,
    diagnosticCollectionName: SETTINGS_SECTION,
    outputChannel: channel,
    traceOutputChannel: createSilentChannel(),
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    stdioOptions: { stdout: ignoreStream, stderr: forwardServerLog(() => client.isRunning()) },
    // The workspace pull covers tabs that were not shown yet. A pull of their own could come before the scan; its empty
    // answer would take precedence and never be repeated.
    diagnosticPullOptions: { onChange: true, onTabs: false },
    middleware: {
      workspace: {
        configuration: answerConfiguration,
        // The server then asks for its settings; the library would send defaults and the extension's own settings.
        didChangeConfiguration: (_, next) => next(undefined),
      },
      executeCommand: async (command, args, next) => {
        const result: unknown = await next(command, args);
        await copyLookUp(result);
        onResult(result);
        return result;
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

/** Logs only the first lines of messages and the kinds of errors, and shows no messages itself. */
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

/** Leaves restarts and messages to the supervisor. */
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

async function copyLookUp(result: unknown): Promise<void> {
  const lookUp = lookUpIn(result);
  if (lookUp !== undefined) {
    await env.clipboard.writeText(lookUp);
    window.setStatusBarMessage(l10n.t("Copied {0}", lookUp), COPIED_MILLISECONDS);
  }
}

function ignoreStream(): void {
  // Standard output carries the protocol.
}
