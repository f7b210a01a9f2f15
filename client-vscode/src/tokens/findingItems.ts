import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from "vscode";
import type { Finding, Severity } from "./findings";
import type { Group } from "./groups";
import { fileLabel, findingAriaLabel, groupAriaLabel, lineLabel, placesLabel } from "./labels";

export type Grouping = "file" | "token";

// If there are more groups than this, they start collapsed.
const MOST_OPEN_GROUPS = 30;
const ICONS: Readonly<Record<Severity, ThemeIcon>> = {
  error: new ThemeIcon("error", new ThemeColor("problemsErrorIcon.foreground")),
  warning: new ThemeIcon("warning", new ThemeColor("problemsWarningIcon.foreground")),
  information: new ThemeIcon("info", new ThemeColor("problemsInfoIcon.foreground")),
};

/** A finding in the tree. */
export class FindingNode {
  constructor(
    readonly finding: Finding,
    readonly grouping: Grouping,
  ) {}
}

export function groupItem(group: Group, grouping: Grouping, count: number): TreeItem {
  const label = grouping === "file" ? fileLabel(group.first, l10n) : group.first.token;
  const isOpen = count <= MOST_OPEN_GROUPS;
  const item = new TreeItem(label, isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed);
  item.id = `${grouping} ${group.id}`;
  item.description = grouping === "file" ? group.findings.length.toString() : placesLabel(group, l10n);
  item.tooltip = `${label}\n${placesLabel(group, l10n)}`;
  item.contextValue = grouping;
  item.accessibilityInformation = { label: groupAriaLabel(group, label, l10n) };
  if (grouping === "token") {
    item.iconPath = ICONS[group.severity];
  } else if (group.first.place.isTerminal) {
    item.iconPath = new ThemeIcon("terminal");
  } else {
    item.iconPath = ThemeIcon.File;
    item.resourceUri = Uri.parse(group.first.place.file);
  }
  return item;
}

export function findingItem({ finding, grouping }: FindingNode): TreeItem {
  const item = new TreeItem(grouping === "file" ? finding.token : fileLabel(finding, l10n));
  item.id = `${grouping} ${finding.id}`;
  item.description = lineLabel(finding, l10n);
  item.tooltip = `${fileLabel(finding, l10n)}, ${lineLabel(finding, l10n)}\n${finding.message}`;
  item.contextValue = "finding";
  item.iconPath = ICONS[finding.severity];
  item.accessibilityInformation = { label: findingAriaLabel(finding, l10n) };
  item.command = {
    command: "vscode.open",
    title: l10n.t("Open"),
    arguments: [finding.uri, { selection: finding.range, preview: true }],
  };
  return item;
}
