import { commands, l10n, StatusBarAlignment, ThemeColor, window, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Services } from "../feature";
import type { State } from "../server/state";
import type { GuardChanges } from "../agents/guardChanges";
import {
  CLIENT_NAME,
  COMMAND_GET_STARTED,
  COMMAND_HOW_TO_RUN,
  COMMAND_OPEN_SETTINGS,
  COMMAND_SHOW_AGENTS,
  COMMAND_SHOW_MENU,
  SETTING_HIDE_TOKENS,
  SETTINGS_SECTION,
  WALKTHROUGH,
} from "../names";
import type { ExposedTokens } from "./exposedTokens";
import { countFindings } from "./findings";
import { statusBarText } from "./statusBarText";
import { menuEntries } from "./statusMenu";

const STATUS = "tokenward.status";
const ENABLED = "enabled";
// To the right of VS Code's problem counts.
const PRIORITY = 40;

/** Shows the number of exposed tokens in the status bar, and whether somebody changed what keeps agents from them. */
export function showStatusBarItem(
  { context, server }: Services,
  exposed: ExposedTokens,
  guard: GuardChanges,
): Disposable[] {
  const item = window.createStatusBarItem(STATUS, StatusBarAlignment.Left, PRIORITY);
  const setting = (name: string, standard: boolean): boolean =>
    workspace.getConfiguration(SETTINGS_SECTION).get<boolean>(name, standard);
  const currentState = (): State | "off" => (server.value === "running" && !setting(ENABLED, true) ? "off" : server.value);
  const show = (): void => {
    const state = currentState();
    const counts = countFindings(exposed.findings);
    const { text, tooltip, label, isUrgent } = statusBarText(state, counts, guard.sentences, l10n);
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label };
    item.command = guard.sentences.length === 0 ? COMMAND_SHOW_MENU : COMMAND_SHOW_AGENTS;
    item.backgroundColor = isUrgent ? new ThemeColor("statusBarItem.warningBackground") : undefined;
  };
  const showMenu = async (): Promise<void> => {
    const file = window.activeTextEditor?.document.uri.toString();
    const counts = countFindings(exposed.findings);
    const state = {
      state: currentState(),
      counts,
      isFileExposed: exposed.findings.some(({ uri }) => uri.toString() === file),
      isTrusted: workspace.isTrusted && workspace.workspaceFolders !== undefined,
      areHidden: setting(SETTING_HIDE_TOKENS, false),
    };
    const { tooltip } = statusBarText(state.state, counts, [], l10n);
    const chosen = await window.showQuickPick(menuEntries(state, l10n), {
      title: CLIENT_NAME,
      placeHolder: tooltip.split("\n", 1)[0] ?? "",
    });
    if (chosen !== undefined) {
      await commands.executeCommand(chosen.command);
    }
  };
  const walk = (step: string): Thenable<unknown> => {
    const category = `${context.extension.id}#${WALKTHROUGH}`;
    const target = step === "" ? category : { category, step };
    return commands.executeCommand("workbench.action.openWalkthrough", target, false);
  };
  item.name = CLIENT_NAME;
  show();
  item.show();
  return [
    item,
    exposed.onDidChange(show),
    guard.onDidChange(show),
    server.onDidChange(show),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SETTINGS_SECTION}.${ENABLED}`)) {
        show();
      }
    }),
    commands.registerCommand(COMMAND_SHOW_MENU, showMenu),
    commands.registerCommand(COMMAND_GET_STARTED, () => walk("")),
    commands.registerCommand(COMMAND_HOW_TO_RUN, () => walk("run")),
    commands.registerCommand(COMMAND_OPEN_SETTINGS, () =>
      commands.executeCommand("workbench.action.openSettings", `@ext:${context.extension.id}`),
    ),
  ];
}
