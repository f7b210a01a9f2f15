import { commands, l10n, type LogOutputChannel, window } from "vscode";
import { CLIENT_NAME, COMMAND_RESTART, COMMAND_SHOW_OUTPUT } from "../names";
import { ServerNotRunning } from "./connection";
import { errorKind } from "./output";

/** Resolves with the server's answer; on failure, shows an error and resolves with undefined. */
export async function showErrorOnFailure<Result>(work: Promise<Result>, channel: LogOutputChannel): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    channel.error(`A request to the server failed.${errorKind(error)}`);
    void showError(error instanceof ServerNotRunning);
    return undefined;
  }
}

async function showError(isOff: boolean): Promise<void> {
  const [sentence, button, command] = isOff
    ? [l10n.t("The {0} server is not running. Restart it.", CLIENT_NAME), l10n.t("Restart Server"), COMMAND_RESTART]
    : [
        l10n.t("{0} could not complete this action. See its output for details.", CLIENT_NAME),
        l10n.t("Show Output"),
        COMMAND_SHOW_OUTPUT,
      ];
  if ((await window.showErrorMessage(sentence, button)) === button) {
    await commands.executeCommand(command);
  }
}
