import { commands, l10n, StatusBarAlignment, ThemeColor, window, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Services } from "../feature";
import type { GuardChanges } from "../agents/guardChanges";
import {
  CLIENT_NAME,
  COMMAND_GET_STARTED,
  COMMAND_SHOW_AGENTS,
  COMMAND_SHOW_TOKENS,
  SETTINGS_SECTION,
  WALKTHROUGH,
} from "../names";
import type { ExposedTokens } from "./exposedTokens";
import { countFindings } from "./findings";
import { statusBarText } from "./statusBarText";

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
  const show = (): void => {
    const isOn = workspace.getConfiguration(SETTINGS_SECTION).get<boolean>(ENABLED, true);
    const state = server.value === "running" && !isOn ? "off" : server.value;
    const counts = countFindings(exposed.findings);
    const { text, tooltip, label, isUrgent } = statusBarText(state, counts, guard.sentences, l10n);
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label };
    item.command = guard.sentences.length === 0 ? COMMAND_SHOW_TOKENS : COMMAND_SHOW_AGENTS;
    item.backgroundColor = isUrgent ? new ThemeColor("statusBarItem.warningBackground") : undefined;
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
    commands.registerCommand(COMMAND_GET_STARTED, () =>
      commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#${WALKTHROUGH}`, false),
    ),
  ];
}
