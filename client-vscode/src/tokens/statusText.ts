import type { L10n } from "../util/localize";
import { CLIENT_NAME } from "../names";
import type { State } from "../server/state";
import { type Tally, warnedOf } from "./findings";
import { summaryOf } from "./words";

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** What a screen reader says. */
  readonly label: string;
  readonly isUrgent: boolean;
}

/** What the status bar says. */
export function statusText(state: State | "off", tally: Tally, l10n: L10n): StatusText {
  switch (state) {
    case "off":
      return quiet("$(shield) –", l10n.t("{0} is switched off in your settings.", CLIENT_NAME));
    case "starting":
      return quiet("$(shield) …", l10n.t("{0} is starting.", CLIENT_NAME));
    case "failed":
      return quiet("$(shield) $(error)", l10n.t("{0}'s server does not run.", CLIENT_NAME));
    case "looking":
      return counted(tally, "…", l10n.t("{0} is looking at the workspace.", CLIENT_NAME));
    case "running":
      return counted(tally, "", summaryOf(tally, l10n));
  }
}

function counted(tally: Tally, more: string, tooltip: string): StatusText {
  return { ...quiet(`$(shield) ${warnedOf(tally).toString()}${more}`, tooltip), isUrgent: tally.error > 0 };
}

function quiet(text: string, tooltip: string): StatusText {
  return { text, tooltip, label: `${CLIENT_NAME}: ${tooltip.replaceAll("\n", " ")}`, isUrgent: false };
}
