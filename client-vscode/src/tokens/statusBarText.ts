import { CLIENT_NAME } from "../names";
import type { State } from "../server/state";
import type { L10n } from "../util/localize";
import { countWarnings, type FindingCounts } from "./findings";
import { summaryText } from "./labels";

interface StatusBarText {
  readonly text: string;
  readonly tooltip: string;
  /** The text for screen readers. */
  readonly label: string;
  readonly isUrgent: boolean;
}

/** Returns the texts of the status bar item. */
export function statusBarText(state: State | "off", counts: FindingCounts, l10n: L10n): StatusBarText {
  switch (state) {
    case "off":
      return plainText("$(shield) –", l10n.t("{0} is turned off in your settings.", CLIENT_NAME));
    case "starting":
      return plainText("$(shield) …", l10n.t("{0} is starting.", CLIENT_NAME));
    case "failed":
      return plainText("$(shield) $(error)", l10n.t("The {0} server is not running.", CLIENT_NAME));
    case "scanning":
      return countText(counts, "…", l10n.t("{0} is scanning the workspace.", CLIENT_NAME));
    case "running":
      return countText(counts, "", summaryText(counts, l10n));
  }
}

function countText(counts: FindingCounts, more: string, tooltip: string): StatusBarText {
  return { ...plainText(`$(shield) ${countWarnings(counts).toString()}${more}`, tooltip), isUrgent: counts.error > 0 };
}

function plainText(text: string, tooltip: string): StatusBarText {
  return { text, tooltip, label: `${CLIENT_NAME}: ${tooltip.replaceAll("\n", " ")}`, isUrgent: false };
}
