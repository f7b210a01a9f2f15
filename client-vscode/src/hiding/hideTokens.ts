import { commands, ConfigurationTarget, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Services } from "../feature";
import { COMMAND_HIDE_TOKENS, COMMAND_UNHIDE_TOKENS, SETTING_HIDE_TOKENS, SETTINGS_SECTION } from "../names";
import { TokenHider } from "./tokenHider";

const SETTING = `${SETTINGS_SECTION}.${SETTING_HIDE_TOKENS}`;

/** Hides tokens in editors while the setting is on; one command turns it on and one turns it off. */
export function hideTokens({ connection }: Services): Disposable[] {
  let curtain: TokenHider | undefined;
  const applySetting = (): void => {
    const isWanted = workspace.getConfiguration(SETTINGS_SECTION).get<boolean>(SETTING_HIDE_TOKENS, false);
    if (isWanted) {
      curtain ??= new TokenHider(connection);
    } else {
      curtain?.dispose();
      curtain = undefined;
    }
  };
  applySetting();
  return [
    { dispose: () => curtain?.dispose() },
    commands.registerCommand(COMMAND_HIDE_TOKENS, () => updateSetting(true)),
    commands.registerCommand(COMMAND_UNHIDE_TOKENS, () => updateSetting(false)),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) {
        applySetting();
      }
    }),
  ];
}

function updateSetting(value: boolean): Thenable<void> {
  return workspace.getConfiguration().update(SETTING, value, ConfigurationTarget.Global);
}
