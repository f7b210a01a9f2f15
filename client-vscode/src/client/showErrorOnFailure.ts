import { commands, l10n, type LogOutputChannel, window } from "vscode";
import { ServerNotRunning } from "./connection";
import { CLIENT_NAME, COMMAND_RESTART, COMMAND_SHOW_OUTPUT } from "../names";
import { errorKind } from "./output";

/** What the server answers; undefined when it cannot, which the user is told. */
export async function showErrorOnFailure<Result>(work: Promise<Result>, channel: LogOutputChannel): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    channel.error(`The server could not be asked.${errorKind(error)}`);
    void showError(error instanceof ServerNotRunning);
    return undefined;
  }
}

async function showError(isOff: boolean): Promise<void> {
  const [sentence, button, command] = isOff
    ? [l10n.t("{0}'s server does not run; restart it.", CLIENT_NAME), l10n.t("Restart Server"), COMMAND_RESTART]
    : [l10n.t("{0} failed at this; its output says more.", CLIENT_NAME), l10n.t("Show Output"), COMMAND_SHOW_OUTPUT];
  if ((await window.showErrorMessage(sentence, button)) === button) {
    await commands.executeCommand(command);
  }
}
