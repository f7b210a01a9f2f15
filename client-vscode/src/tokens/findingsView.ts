import { commands, EventEmitter, l10n, type TreeDataProvider, type TreeItem, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { showAgents } from "../agents/agentsView";
import { GuardChanges } from "../agents/guardChanges";
import type { Services } from "../feature";
import {
  COMMAND_GROUP_BY_FILE,
  COMMAND_GROUP_BY_TOKEN,
  COMMAND_SHOW_TOKENS,
  CONTEXT_GROUPING,
  VIEW_FINDINGS,
} from "../names";
import { ExposedTokens } from "./exposedTokens";
import { findingItem, FindingNode, type Grouping, groupItem } from "./findingItems";
import { countFindings, type Finding } from "./findings";
import { type Group, groupByFile, groupByToken } from "./groups";
import { summaryText } from "./labels";
import { showStatusBarItem } from "./statusBar";
import { registerTokenCommands } from "./tokenCommands";

type Node = Group | FindingNode;

/** Registers the "Exposed Tokens" view, its commands, and what else shows the exposed tokens. */
export function showExposedTokens(services: Services): Disposable[] {
  const exposed = new ExposedTokens();
  const guard = new GuardChanges(services.connection);
  const tree = new FindingsTree(exposed, services);
  const view = window.createTreeView(VIEW_FINDINGS, { treeDataProvider: tree, showCollapseAll: true });
  const count = (findings: readonly Finding[]): void => {
    const counts = countFindings(findings);
    const value = counts.tokens;
    view.badge = value === 0 ? undefined : { value, tooltip: summaryText(counts, l10n) };
  };
  return [
    exposed,
    tree,
    view,
    exposed.onDidChange(count),
    guard,
    ...showStatusBarItem(services, exposed, guard),
    ...showAgents(services, exposed, guard),
    commands.registerCommand(COMMAND_SHOW_TOKENS, () => commands.executeCommand(`${VIEW_FINDINGS}.focus`)),
    commands.registerCommand(COMMAND_GROUP_BY_FILE, () => tree.group("file")),
    commands.registerCommand(COMMAND_GROUP_BY_TOKEN, () => tree.group("token")),
    ...registerTokenCommands(services, exposed),
  ];
}

class FindingsTree implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listening: Disposable;
  #grouping: Grouping;
  #groups: readonly Group[] = [];

  constructor(
    private readonly exposed: ExposedTokens,
    private readonly services: Services,
  ) {
    const savedGrouping = services.context.workspaceState.get(CONTEXT_GROUPING);
    this.#grouping = savedGrouping === "token" ? "token" : "file";
    this.#listening = exposed.onDidChange(() => {
      this.#refresh();
    });
    void commands.executeCommand("setContext", CONTEXT_GROUPING, this.#grouping);
  }

  async group(grouping: Grouping): Promise<void> {
    this.#grouping = grouping;
    this.#refresh();
    await commands.executeCommand("setContext", CONTEXT_GROUPING, grouping);
    await this.services.context.workspaceState.update(CONTEXT_GROUPING, grouping);
  }

  getChildren(node?: Node): Node[] {
    if (node instanceof FindingNode) {
      return [];
    }
    return node === undefined ? [...this.#groups] : node.findings.map((finding) => new FindingNode(finding, this.#grouping));
  }

  getTreeItem(node: Node): TreeItem {
    return node instanceof FindingNode ? findingItem(node) : groupItem(node, this.#grouping, this.#groups.length);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }

  #refresh(): void {
    this.#groups = (this.#grouping === "file" ? groupByFile : groupByToken)(this.exposed.findings);
    this.#changed.fire(undefined);
  }
}
