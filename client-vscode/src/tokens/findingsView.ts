import { commands, EventEmitter, l10n, type TreeDataProvider, type TreeItem, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Extension } from "../feature";
import {
  COMMAND_GROUP_BY_FILE,
  COMMAND_GROUP_BY_TOKEN,
  COMMAND_MOVE_TOKEN,
  COMMAND_SHOW_TOKENS,
  CONTEXT_GROUPING,
  VIEW_FINDINGS,
} from "../names";
import { showStatus } from "./status";
import { Exposed } from "./exposed";
import { groupItem, type Grouping, Leaf, leafItem } from "./findingItems";
import { type Finding, tallyOf, warnedOf } from "./findings";
import { byFile, byToken, type Group } from "./groups";
import { moveToken } from "./moveToken";
import { summaryOf } from "./words";

type Node = Group | Leaf;

/** The view "Exposed Tokens", its commands, and the count in the status bar. */
export function showExposedTokens(extension: Extension): Disposable[] {
  const exposed = new Exposed();
  const tree = new FindingsTree(exposed, extension);
  const view = window.createTreeView(VIEW_FINDINGS, { treeDataProvider: tree, showCollapseAll: true });
  const count = (findings: readonly Finding[]): void => {
    const tally = tallyOf(findings);
    const value = warnedOf(tally);
    view.badge = value === 0 ? undefined : { value, tooltip: summaryOf(tally, l10n) };
  };
  return [
    exposed,
    tree,
    view,
    exposed.onDidChange(count),
    ...showStatus(extension, exposed),
    commands.registerCommand(COMMAND_SHOW_TOKENS, () => commands.executeCommand(`${VIEW_FINDINGS}.focus`)),
    commands.registerCommand(COMMAND_GROUP_BY_FILE, () => tree.group("file")),
    commands.registerCommand(COMMAND_GROUP_BY_TOKEN, () => tree.group("token")),
    commands.registerCommand(COMMAND_MOVE_TOKEN, async (node: unknown) => {
      if (node instanceof Leaf) {
        await moveToken(node.finding, extension);
      }
    }),
  ];
}

class FindingsTree implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listening: Disposable;
  #grouping: Grouping;
  #groups: readonly Group[] = [];

  constructor(
    private readonly exposed: Exposed,
    private readonly extension: Extension,
  ) {
    const kept = extension.context.workspaceState.get(CONTEXT_GROUPING);
    this.#grouping = kept === "token" ? "token" : "file";
    this.#listening = exposed.onDidChange(() => {
      this.#refresh();
    });
    void commands.executeCommand("setContext", CONTEXT_GROUPING, this.#grouping);
  }

  async group(grouping: Grouping): Promise<void> {
    this.#grouping = grouping;
    this.#refresh();
    await commands.executeCommand("setContext", CONTEXT_GROUPING, grouping);
    await this.extension.context.workspaceState.update(CONTEXT_GROUPING, grouping);
  }

  getChildren(node?: Node): Node[] {
    if (node instanceof Leaf) {
      return [];
    }
    return node === undefined ? [...this.#groups] : node.findings.map((finding) => new Leaf(finding, this.#grouping));
  }

  getTreeItem(node: Node): TreeItem {
    return node instanceof Leaf ? leafItem(node) : groupItem(node, this.#grouping, this.#groups.length);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }

  #refresh(): void {
    this.#groups = (this.#grouping === "file" ? byFile : byToken)(this.exposed.findings);
    this.#changed.fire(undefined);
  }
}
