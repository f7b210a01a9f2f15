import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri } from "vscode";
import type { Finding, Severity } from "./findings";
import type { Group } from "./groups";
import { fileLabel, findingAriaLabel, findingDescription, groupAriaLabel, lineLabel, nameLabel, placesLabel } from "./labels";

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
  const { first } = group;
  const label = grouping === "file" ? fileLabel(first, l10n) : nameLabel(first);
  const isOpen = count <= MOST_OPEN_GROUPS;
  const item = new TreeItem(label, isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed);
  item.id = `${grouping} ${group.id}`;
  // VS Code itself shows how many problems a file has.
  item.description = grouping === "file" ? "" : [first.token, placesLabel(group, l10n)].filter((part) => part !== label).join(" · ");
  item.tooltip = `${label}\n${placesLabel(group, l10n)}`;
  item.contextValue = first.place.isTerminal ? "terminal" : grouping;
  item.accessibilityInformation = { label: groupAriaLabel(group, label, l10n) };
  if (grouping === "token") {
    item.iconPath = ICONS[group.severity];
  } else if (first.place.isTerminal) {
    item.iconPath = new ThemeIcon("terminal");
  } else {
    item.iconPath = ThemeIcon.File;
    item.resourceUri = Uri.parse(first.place.file);
  }
  return item;
}

export function findingItem({ finding, grouping }: FindingNode): TreeItem {
  const label = grouping === "file" ? nameLabel(finding) : fileLabel(finding, l10n);
  const item = new TreeItem(label);
  item.id = `${grouping} ${finding.id}`;
  item.description = findingDescription(finding, label, l10n);
  item.tooltip = `${fileLabel(finding, l10n)}, ${lineLabel(finding, l10n)}\n${finding.message}`;
  item.contextValue = finding.place.isTerminal ? "printed" : "finding";
  item.iconPath = ICONS[finding.severity];
  item.accessibilityInformation = { label: findingAriaLabel(finding, l10n) };
  item.command = {
    command: "vscode.open",
    title: l10n.t("Open"),
    arguments: [finding.uri, { selection: finding.range, preview: true }],
  };
  return item;
}
