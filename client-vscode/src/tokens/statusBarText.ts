import type { L10n } from "../util/localize";
import { CLIENT_NAME } from "../names";
import type { State } from "../server/state";
import { type FindingCounts, countWarnings } from "./findings";
import { summaryText } from "./labels";

export interface StatusBarText {
  readonly text: string;
  readonly tooltip: string;
  /** The text for screen readers. */
  readonly label: string;
  readonly isUrgent: boolean;
}

/** Returns the texts of the status bar item. */
export function statusBarText(state: State | "off", tally: FindingCounts, l10n: L10n): StatusBarText {
  switch (state) {
    case "off":
      return plainText("$(shield) –", l10n.t("{0} is turned off in your settings.", CLIENT_NAME));
    case "starting":
      return plainText("$(shield) …", l10n.t("{0} is starting.", CLIENT_NAME));
    case "failed":
      return plainText("$(shield) $(error)", l10n.t("The {0} server is not running.", CLIENT_NAME));
    case "scanning":
      return countText(tally, "…", l10n.t("{0} is scanning the workspace.", CLIENT_NAME));
    case "running":
      return countText(tally, "", summaryText(tally, l10n));
  }
}

function countText(tally: FindingCounts, more: string, tooltip: string): StatusBarText {
  return { ...plainText(`$(shield) ${countWarnings(tally).toString()}${more}`, tooltip), isUrgent: tally.error > 0 };
}

function plainText(text: string, tooltip: string): StatusBarText {
  return { text, tooltip, label: `${CLIENT_NAME}: ${tooltip.replaceAll("\n", " ")}`, isUrgent: false };
}
