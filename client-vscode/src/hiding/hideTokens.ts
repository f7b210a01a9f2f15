import { commands, ConfigurationTarget, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Extension } from "../feature";
import { COMMAND_HIDE_TOKENS, COMMAND_UNHIDE_TOKENS, SETTING_HIDE_TOKENS, SETTINGS_SECTION } from "../names";
import { Curtain } from "./curtain";

const SETTING = `${SETTINGS_SECTION}.${SETTING_HIDE_TOKENS}`;

/** Hides tokens in editors for as long as the setting says so, which has a command for each direction. */
export function hideTokens({ connection }: Extension): Disposable[] {
  let curtain: Curtain | undefined;
  const follow = (): void => {
    const isWanted = workspace.getConfiguration(SETTINGS_SECTION).get<boolean>(SETTING_HIDE_TOKENS, false);
    if (isWanted) {
      curtain ??= new Curtain(connection);
    } else {
      curtain?.dispose();
      curtain = undefined;
    }
  };
  follow();
  return [
    { dispose: () => curtain?.dispose() },
    commands.registerCommand(COMMAND_HIDE_TOKENS, () => set(true)),
    commands.registerCommand(COMMAND_UNHIDE_TOKENS, () => set(false)),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) {
        follow();
      }
    }),
  ];
}

function set(value: boolean): Thenable<void> {
  return workspace.getConfiguration().update(SETTING, value, ConfigurationTarget.Global);
}
