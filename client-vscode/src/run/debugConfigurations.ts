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
import { ServerNotRunning } from "../client/connection";
import { errorKind } from "../client/output";
import type { Services } from "../feature";
import { CLIENT_NAME, METHOD_LAUNCH } from "../names";
import { breakLinks } from "../util/sanitise";
import { withTimeout } from "../util/timeout";
import {
  hasReferences,
  type LaunchRequest,
  launchRequest,
  loggingOption,
  withResolvedTokens,
  wouldTypeTokens,
} from "./launchConfiguration";

const START_TIMEOUT = 20_000;

/** Gives debugged programs their tokens, only when they start and without writing them to disk. */
export function resolveDebugConfigurations(services: Services): Disposable[] {
  const provider: DebugConfigurationProvider = {
    // Providers for all types run last, so other extensions have already read their environment files.
    resolveDebugConfigurationWithSubstitutedVariables: (folder, configuration, token) =>
      resolveConfiguration(services, folder, configuration, token),
  };
  return [debug.registerDebugConfigurationProvider("*", provider)];
}

async function resolveConfiguration(
  { connection, channel, server }: Services,
  given: WorkspaceFolder | undefined,
  configuration: DebugConfiguration,
  token?: CancellationToken,
): Promise<DebugConfiguration | undefined> {
  const folder = given ?? workspace.workspaceFolders?.[0];
  const start = launchRequest(configuration, folder?.uri.fsPath ?? "");
  if (start === undefined) {
    return configuration;
  }
  if (folder === undefined || !workspace.isTrusted) {
    return hasReferences(start)
      ? refuseStart(l10n.t("Open and trust the program's folder to start it with its tokens."))
      : configuration;
  }
  try {
    await waitForServer(server);
    const params = { uri: folder.uri.toString(), ...start };
    const response = await connection.request(METHOD_LAUNCH, params, token);
    if (wouldTypeTokens(configuration, start, response)) {
      return refuseStart(
        l10n.t('VS Code would type the tokens into a terminal. Set "console" to "internalConsole", or start the program with `tokenward run`.'),
      );
    }
    const loggingOptionName = loggingOption(configuration, response);
    if (loggingOptionName !== undefined) {
      return refuseStart(l10n.t('The debugger would log the tokens. Remove "{0}" from the configuration.', loggingOptionName));
    }
    return { ...withResolvedTokens(configuration, response) } as DebugConfiguration;
  } catch (error) {
    channel.error(`A program was not started with its tokens.${errorKind(error)}`);
    return handleFailure(configuration, start, error);
  }
}

/** Waits for the server: a user can start a program before the server has started. */
async function waitForServer(server: Services["server"]): Promise<void> {
  if (server.value === "starting") {
    const changed = new Promise<void>((resolve) => {
      const listening = server.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
    await withTimeout(changed, START_TIMEOUT);
  }
}

function handleFailure(configuration: DebugConfiguration, start: LaunchRequest, error: unknown): DebugConfiguration | undefined {
  if (!(error instanceof ServerNotRunning)) {
    return refuseStart(error instanceof Error ? error.message : l10n.t("The server did not respond."));
  }
  // An environment file may contain references, but most do not, so programs without any start without a server.
  return hasReferences(start) ? refuseStart(l10n.t("The {0} server is not running. Restart it.", CLIENT_NAME)) : configuration;
}

/** Shows why the program does not start, and cancels the launch. */
function refuseStart(reason: string): DebugConfiguration | undefined {
  const open = l10n.t("Open launch.json");
  const sentence = l10n.t("{0} cannot start the program: {1}", CLIENT_NAME, reason);
  void window.showErrorMessage(breakLinks(sentence), open).then((chosen) => {
    if (chosen === open) {
      void commands.executeCommand("workbench.action.debug.configure");
    }
  });
  return undefined;
}
