import {
  COMMAND_HIDE_TOKENS,
  COMMAND_MOVE_ALL_IN_FILE,
  COMMAND_MOVE_ALL_IN_WORKSPACE,
  COMMAND_OPEN_SETTINGS,
  COMMAND_OPEN_TERMINAL,
  COMMAND_RESTART,
  COMMAND_RUN_DOCTOR,
  COMMAND_SHOW_AGENTS,
  COMMAND_SHOW_OUTPUT,
  COMMAND_SHOW_REPORT,
  COMMAND_SHOW_TOKENS,
  COMMAND_STORE_TOKEN,
  COMMAND_UNHIDE_TOKENS,
} from "../names";
import type { State } from "../server/state";
import type { L10n } from "../util/localize";
import type { FindingCounts } from "./findings";
import { countWarnings } from "./findings";

/** An entry of the menu behind the shield. */
export interface MenuEntry {
  readonly label: string;
  readonly command: string;
}

export interface MenuState {
  readonly state: State | "off";
  readonly counts: FindingCounts;
  /** The active editor's file has a token. */
  readonly isFileExposed: boolean;
  readonly isTrusted: boolean;
  readonly areHidden: boolean;
}

/** Returns the entries of the menu behind the shield, only those that work now. */
export function menuEntries({ state, counts, isFileExposed, isTrusted, areHidden }: MenuState, l10n: L10n): MenuEntry[] {
  const entry = (icon: string, label: string, command: string): MenuEntry => ({ label: `$(${icon}) ${label}`, command });
  const isExposed = countWarnings(counts) + counts.information > 0;
  const isOn = state === "running" || state === "scanning";
  const whileOn = [
    entry("list-tree", l10n.t("Show Tokens"), COMMAND_SHOW_TOKENS),
    ...(isFileExposed ? [entry("lock", l10n.t("Move All Tokens in This File…"), COMMAND_MOVE_ALL_IN_FILE)] : []),
    ...(isExposed ? [entry("lock", l10n.t("Move All Tokens in the Workspace…"), COMMAND_MOVE_ALL_IN_WORKSPACE)] : []),
    entry("add", l10n.t("Store a Token…"), COMMAND_STORE_TOKEN),
    ...(isTrusted ? [entry("terminal", l10n.t("Open Terminal with Tokens"), COMMAND_OPEN_TERMINAL)] : []),
    areHidden
      ? entry("eye", l10n.t("Stop Hiding Tokens on Screen"), COMMAND_UNHIDE_TOKENS)
      : entry("eye-closed", l10n.t("Hide Tokens on Screen"), COMMAND_HIDE_TOKENS),
    entry("graph", l10n.t("Show Report"), COMMAND_SHOW_REPORT),
    entry("hubot", l10n.t("Show AI Agents"), COMMAND_SHOW_AGENTS),
    entry("pulse", l10n.t("Check the Installation"), COMMAND_RUN_DOCTOR),
  ];
  return [
    ...(isOn ? whileOn : []),
    entry("gear", l10n.t("Open Settings"), COMMAND_OPEN_SETTINGS),
    entry("output", l10n.t("Show Output"), COMMAND_SHOW_OUTPUT),
    entry("debug-restart", l10n.t("Restart Server"), COMMAND_RESTART),
  ];
}
