import { commands, env, l10n, type LogOutputChannel, Uri, window } from "vscode";
import { firstLine } from "../client/output";
import {
  COMMAND_RESTART,
  COMMAND_SHOW_OUTPUT,
  SETTING_SERVER_PATH,
  SETTING_SERVER_PYTHON,
  SETTINGS_SECTION,
} from "../names";
import { breakLinks } from "../util/sanitise";
import { PythonNotFound } from "./findPython";
import { notFoundMessage } from "./notFoundMessage";
import type { TroubleReporter } from "./supervisor";

const PYTHON_PAGE = "https://www.python.org/downloads/";

type Action = readonly [title: string, command: string, argument?: unknown];

/** Reports trouble with the server: in a message if the user can act on it, otherwise in the channel. */
export function createTroubleReporter(channel: LogOutputChannel, page: Uri): TroubleReporter {
  const documentation: Action = [l10n.t("Open Documentation"), "markdown.showPreview", page];
  const getPython: Action = [l10n.t("Get Python"), "vscode.open", Uri.parse(PYTHON_PAGE)];
  const restart: Action = [l10n.t("Restart Server"), COMMAND_RESTART];
  return {
    reportFailedStart: (error) => {
      channel.error(failureReason(error));
      showError(
        failureMessage(error),
        error instanceof PythonNotFound
          ? [getPython, openSettingsAction(SETTING_SERVER_PYTHON), documentation]
          : [openSettingsAction(SETTING_SERVER_PATH), documentation],
      );
    },
    reportRestart: (milliseconds) => {
      channel.warn(l10n.t("The server stopped unexpectedly and restarts in {0} s.", milliseconds / 1000));
    },
    reportGivingUp: () => {
      const sentence = l10n.t("The Tokenward server keeps stopping unexpectedly and stays off until you restart it.");
      channel.error(sentence);
      showError(sentence, [restart, documentation]);
    },
  };
}

/** Returns why a server did not start, in full, because it has not seen a document yet. */
function failureReason(error: unknown): string {
  return notFoundMessage(error, l10n) ?? firstLine(error instanceof Error ? error.message : String(error));
}

function failureMessage(error: unknown): string {
  return (
    notFoundMessage(error, l10n) ??
    l10n.t("The Tokenward server did not start. Fix the problem shown in its output, then restart the server.")
  );
}

function openSettingsAction(setting: string): Action {
  // In a remote window, the local settings page lacks the settings of the server's machine.
  const page = env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  return [
    l10n.t("Open Settings"),
    `workbench.action.${page}`,
    { query: `${SETTINGS_SECTION}.${setting}` },
  ];
}

function showError(sentence: string, actions: readonly Action[]): void {
  const offered: Action[] = [...actions, [l10n.t("Show Output"), COMMAND_SHOW_OUTPUT]];
  void window.showErrorMessage(breakLinks(sentence), ...offered.map(([title]) => title)).then((chosen) => {
    const action = offered.find(([title]) => title === chosen);
    if (action !== undefined) {
      const [, command, argument] = action;
      void commands.executeCommand(command, argument);
    }
  });
}
