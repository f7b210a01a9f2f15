import {
  env,
  EventEmitter,
  l10n,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  window,
} from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Extension } from "../feature";
import { METHOD_TOKENS_CHANGED, VIEW_STORED } from "../names";
import { aboutStored, byWorkspace, detailsOf, type Moment, type Stored } from "./stored";
import { StoredList } from "./storedList";
import { storedCommands } from "./storedCommands";

const ICONS: Readonly<Record<Stored["leaseState"], ThemeIcon>> = {
  open: new ThemeIcon("key"),
  soon: new ThemeIcon("clock", new ThemeColor("list.warningForeground")),
  over: new ThemeIcon("circle-slash", new ThemeColor("list.errorForeground")),
};

/** A workspace in the list. */
class Branch {
  constructor(
    readonly workspace: string,
    readonly tokens: readonly Stored[],
  ) {}
}

/** A stored token in the list. */
export class StoredLeaf {
  constructor(readonly token: Stored) {}
}

type Node = Branch | StoredLeaf;

/** The view "Stored Tokens" and its commands. */
export function showStoredTokens({ connection, channel }: Extension): Disposable[] {
  const list = new StoredList(connection, channel);
  connection.announce("tokens");
  connection.onNotification(METHOD_TOKENS_CHANGED, () => {
    list.ask();
  });
  const tree = new StoredTree(list);
  const view = window.createTreeView(VIEW_STORED, { treeDataProvider: tree });
  return [
    list,
    tree,
    view,
    connection.onDidStart(() => {
      list.ask();
    }),
    // How long ago something was is another thing each time that it is looked at.
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) {
        tree.refresh();
      }
    }),
    ...storedCommands(list, connection, channel, (node) => (node instanceof StoredLeaf ? node.token : undefined)),
  ];
}

class StoredTree implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listening: Disposable;

  constructor(private readonly list: StoredList) {
    this.#listening = list.onDidChange(() => {
      this.refresh();
    });
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  getChildren(node?: Node): Node[] {
    if (node instanceof StoredLeaf) {
      return [];
    }
    if (node !== undefined) {
      return node.tokens.map((token) => new StoredLeaf(token));
    }
    const branches = byWorkspace(this.list.tokens).map(([workspace, tokens]) => new Branch(workspace, tokens));
    return branches.length > 1 ? branches : branches.flatMap((branch) => this.getChildren(branch));
  }

  getTreeItem(node: Node): TreeItem {
    return node instanceof StoredLeaf ? leafItem(node.token) : branchItem(node);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }
}

function branchItem({ workspace, tokens }: Branch): TreeItem {
  const item = new TreeItem(workspace, TreeItemCollapsibleState.Expanded);
  item.id = workspace;
  item.description = tokens.length.toString();
  item.accessibilityInformation = { label: l10n.t("{0}, stored tokens: {1}", workspace, tokens.length) };
  item.iconPath = new ThemeIcon("root-folder");
  item.contextValue = "workspace";
  return item;
}

function leafItem(token: Stored): TreeItem {
  const moment: Moment = { now: Date.now(), language: env.language };
  const about = aboutStored(token, moment, l10n);
  const item = new TreeItem(token.name);
  item.id = token.reference;
  item.description = about;
  item.iconPath = ICONS[token.leaseState];
  item.contextValue = "stored";
  item.accessibilityInformation = { label: `${token.name}, ${about}` };
  const tooltip = new MarkdownString();
  for (const line of detailsOf(token, moment, l10n)) {
    // Appended as text: what is in it leads nowhere.
    tooltip.appendText(line).appendMarkdown("\n\n");
  }
  item.tooltip = tooltip;
  return item;
}
