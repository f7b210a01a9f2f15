import type { L10n } from "../util/localize";
import { countWarnings, type Finding, type FindingCounts, type Severity } from "./findings";
import type { Group } from "./groups";

/** Returns the position of a finding in its file. */
export function lineLabel({ place, range }: Finding, l10n: L10n): string {
  const line = range.start.line + 1;
  return place.cell === undefined ? l10n.t("line {0}", line) : l10n.t("cell {0}, line {1}", place.cell + 1, line);
}

export function fileLabel({ place }: Finding, l10n: L10n): string {
  return place.isTerminal ? l10n.t("Terminal {0}", place.label) : place.label;
}

export function placesLabel({ findings }: Group, l10n: L10n): string {
  return placeCount(findings.length, l10n);
}

/** Returns what people call a finding: its variable, or the kind of token. */
export function nameLabel({ name, token }: Finding): string {
  return name === "" ? token : name;
}

/** Returns the text beside a finding's label: what the label leaves out. */
export function findingDescription(finding: Finding, label: string, l10n: L10n): string {
  return [nameLabel(finding), finding.token, lineLabel(finding, l10n)]
    .filter((part, index, all) => part !== label && all.indexOf(part) === index)
    .join(" · ");
}

/** Returns the text that a screen reader reads for a finding. */
export function findingAriaLabel(finding: Finding, l10n: L10n): string {
  const { name, token, severity } = finding;
  const parts = [name, token, severityLabel(severity, l10n), fileLabel(finding, l10n), lineLabel(finding, l10n)];
  return parts.filter((part) => part !== "").join(", ");
}

/** Returns the text that a screen reader reads for a group. */
export function groupAriaLabel(group: Group, label: string, l10n: L10n): string {
  return [label, placesLabel(group, l10n), severityLabel(group.severity, l10n)].join(", ");
}

/** Summarises the exposed tokens, one fact per line. */
export function summaryText(counts: FindingCounts, l10n: L10n): string {
  const warned = countWarnings(counts);
  if (warned + counts.information === 0) {
    return l10n.t("No exposed tokens.");
  }
  const lines = [
    warned === 0 ? l10n.t("No working token is exposed.") : exposedText(counts, l10n),
    counts.error > 0 ? l10n.t("Errors: {0}", counts.error) : "",
    counts.warning > 0 ? l10n.t("Warnings: {0}", counts.warning) : "",
    counts.information > 0 ? l10n.t("Information: {0}", counts.information) : "",
  ];
  return lines.filter((line) => line !== "").join("\n");
}

function exposedText(counts: FindingCounts, l10n: L10n): string {
  const where = placeCount(countWarnings(counts), l10n);
  return counts.tokens === 1
    ? l10n.t("1 exposed token in {0}.", where)
    : l10n.t("{0} exposed tokens in {1}.", counts.tokens, where);
}

function placeCount(count: number, l10n: L10n): string {
  return count === 1 ? l10n.t("1 place") : l10n.t("{0} places", count);
}

function severityLabel(severity: Severity, l10n: L10n): string {
  switch (severity) {
    case "error":
      return l10n.t("error");
    case "warning":
      return l10n.t("warning");
    case "information":
      return l10n.t("information");
  }
}
