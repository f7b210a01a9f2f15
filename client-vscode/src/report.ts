import { commands, env, type LogOutputChannel, type Uri, window } from "vscode";
import { ServerNotFound } from "./executable";
import {
  CLIENT_NAME,
  COMMAND_RESTART,
  COMMAND_SHOW_OUTPUT,
  SETTING_SERVER_PATH,
  SETTINGS_SECTION,
} from "./names";
import { firstLine } from "./output";
import type { Report } from "./supervisor";

type Action = readonly [title: string, command: string, argument?: unknown];

/** Tells the user what became of the server: in a message when there is something to do, else in the channel. */
export function createReport(channel: LogOutputChannel, page: Uri): Report {
  const documentation: Action = ["Open Documentation", "markdown.showPreview", page];
  const restart: Action = ["Restart Server", COMMAND_RESTART];
  return {
    startFailed: (error) => {
      channel.error(reasonOf(error));
      tell(sentenceFor(error), [openSettings(), documentation]);
    },
    restarting: (milliseconds) => {
      channel.warn(`The server ended by itself; it starts again in ${(milliseconds / 1000).toString()} s.`);
    },
    gaveUp: () => {
      const sentence = `${CLIENT_NAME}'s server keeps ending by itself and stays off until you restart it.`;
      channel.error(sentence);
      tell(sentence, [restart, documentation]);
    },
  };
}

/** Why a server did not start. It had no document yet, so the reason can be told in full. */
function reasonOf(error: unknown): string {
  return firstLine(error instanceof Error ? error.message : String(error));
}

function sentenceFor(error: unknown): string {
  if (error instanceof ServerNotFound) {
    return error.message;
  }
  return `${CLIENT_NAME}'s server did not start; read its output, mend what it says, and restart the server.`;
}

function openSettings(): Action {
  // In a remote window the other page does not show the settings of the machine that the server is on.
  const page = env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  return [
    "Open Settings",
    `workbench.action.${page}`,
    { query: `${SETTINGS_SECTION}.${SETTING_SERVER_PATH}` },
  ];
}

function tell(sentence: string, actions: readonly Action[]): void {
  const offered: Action[] = [...actions, ["Show Output", COMMAND_SHOW_OUTPUT]];
  void window.showErrorMessage(sentence, ...offered.map(([title]) => title)).then((chosen) => {
    const action = offered.find(([title]) => title === chosen);
    if (action !== undefined) {
      const [, command, argument] = action;
      void commands.executeCommand(command, argument);
    }
  });
}
