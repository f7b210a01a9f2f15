import { CLIENT_NAME } from "../names";
import type { State } from "../server/state";
import type { L10n } from "../util/localize";
import type { FindingCounts } from "./findings";
import { summaryText } from "./labels";

interface StatusBarText {
  readonly text: string;
  readonly tooltip: string;
  /** The text for screen readers. */
  readonly label: string;
  readonly isUrgent: boolean;
}

/** Returns the texts of the status bar item; `changes` says in sentences how somebody changed the guard of agents. */
export function statusBarText(
  state: State | "off",
  counts: FindingCounts,
  changes: readonly string[],
  l10n: L10n,
): StatusBarText {
  const { text, tooltip } = stateText(state, counts, l10n);
  if (changes.length === 0) {
    return { ...plainText(text, tooltip), isUrgent: isCounted(state) && counts.error > 0 };
  }
  const changed = l10n.t("What keeps AI agents from your tokens was changed:");
  return { ...plainText(`${text} $(alert)`, [changed, ...changes, tooltip].join("\n")), isUrgent: true };
}

function isCounted(state: State | "off"): boolean {
  return state === "scanning" || state === "running";
}

function stateText(state: State | "off", counts: FindingCounts, l10n: L10n): Pick<StatusBarText, "text" | "tooltip"> {
  switch (state) {
    case "off":
      return { text: "$(shield) –", tooltip: l10n.t("{0} is turned off in your settings.", CLIENT_NAME) };
    case "starting":
      return { text: "$(shield) …", tooltip: l10n.t("{0} is starting.", CLIENT_NAME) };
    case "failed":
      return { text: "$(shield) $(error)", tooltip: l10n.t("The {0} server is not running.", CLIENT_NAME) };
    case "scanning":
      // A zero would read as a result.
      return { text: counts.tokens === 0 ? "$(shield) …" : countText(counts, "…"), tooltip: l10n.t("{0} is scanning the workspace.", CLIENT_NAME) };
    case "running":
      return { text: countText(counts, ""), tooltip: summaryText(counts, l10n) };
  }
}

function countText(counts: FindingCounts, more: string): string {
  return `$(shield) ${counts.tokens.toString()}${more}`;
}

function plainText(text: string, tooltip: string): Omit<StatusBarText, "isUrgent"> {
  return { text, tooltip, label: `${CLIENT_NAME}: ${tooltip.replaceAll("\n", " ")}` };
}
