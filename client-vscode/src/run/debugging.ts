import {
  type CancellationToken,
  commands,
  debug,
  type DebugConfiguration,
  type DebugConfigurationProvider,
  l10n,
  window,
  workspace,
  type WorkspaceFolder,
} from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { NotRunning } from "../client/connection";
import type { Extension } from "../feature";
import { type Launched, launchedWith, loggedBy, refers, type Start, startOf, wouldBeTyped } from "./launchConfiguration";
import { CLIENT_NAME, METHOD_LAUNCH } from "../names";
import { kindOf } from "../client/output";
import { breakLinks } from "../util/sanitise";
import { withTimeout } from "../util/timeout";

const PATIENCE = 20_000;

/** Gives programs that are debugged their tokens: at the start only, and written nowhere. */
export function resolveDebugConfigurations(extension: Extension): Disposable[] {
  const provider: DebugConfigurationProvider = {
    // What other extensions read from an environment file is there by now, because providers of all types come last.
    resolveDebugConfigurationWithSubstitutedVariables: (folder, configuration, token) =>
      resolve(extension, folder, configuration, token),
  };
  return [debug.registerDebugConfigurationProvider("*", provider)];
}

async function resolve(
  { connection, channel, server }: Extension,
  given: WorkspaceFolder | undefined,
  configuration: DebugConfiguration,
  token?: CancellationToken,
): Promise<DebugConfiguration | undefined> {
  const folder = given ?? workspace.workspaceFolders?.[0];
  const start = startOf(configuration, folder?.uri.fsPath ?? "");
  if (start === undefined) {
    return configuration;
  }
  if (folder === undefined || !workspace.isTrusted) {
    return refers(start) ? refuse(l10n.t("Open the program's folder, and trust it, to start it with its tokens.")) : configuration;
  }
  try {
    await whenStarted(server);
    const params = { uri: folder.uri.toString(), ...start };
    const launched = await connection.request<Launched>(METHOD_LAUNCH, params, token);
    if (wouldBeTyped(configuration, start, launched)) {
      return refuse(
        l10n.t('VS Code would type the tokens into a terminal; set "console" to "internalConsole", or let `tokenward run` start it.'),
      );
    }
    const logging = loggedBy(configuration, launched);
    if (logging !== undefined) {
      return refuse(l10n.t('The debugger would write the tokens to a log; take "{0}" out of the configuration.', logging));
    }
    return { ...launchedWith(configuration, launched) } as DebugConfiguration;
  } catch (error) {
    channel.error(`A program was not started with its tokens.${kindOf(error)}`);
    return whenRefused(configuration, start, error);
  }
}

/** A program may be started as soon as the window is there, before the server is. */
async function whenStarted(server: Extension["server"]): Promise<void> {
  if (server.value === "starting") {
    const changed = new Promise<void>((resolve) => {
      const listening = server.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
    await withTimeout(changed, PATIENCE);
  }
}

function whenRefused(configuration: DebugConfiguration, start: Start, error: unknown): DebugConfiguration | undefined {
  if (!(error instanceof NotRunning)) {
    return refuse(error instanceof Error ? error.message : l10n.t("The server did not answer."));
  }
  // Whether the file refers is not known; most do not, and these programs start without a server, too.
  return refers(start) ? refuse(l10n.t("{0}'s server does not run; restart it.", CLIENT_NAME)) : configuration;
}

/** Nothing is started, and the reason is said. */
function refuse(reason: string): DebugConfiguration | undefined {
  const open = l10n.t("Open launch.json");
  const sentence = l10n.t("{0} cannot start the program: {1}", CLIENT_NAME, reason);
  void window.showErrorMessage(breakLinks(sentence), open).then((chosen) => {
    if (chosen === open) {
      void commands.executeCommand("workbench.action.debug.configure");
    }
  });
  return undefined;
}
