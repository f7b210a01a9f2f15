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
import type { Services } from "../feature";
import { METHOD_TOKENS_CHANGED, VIEW_STORED } from "../names";
import type { StoredToken } from "../protocol";
import { type Clock, groupByWorkspace, tokenDescription, tokenDetails } from "./storedToken";
import { registerStoredTokenCommands } from "./storedTokenCommands";
import { StoredTokenList } from "./storedTokenList";

const ICONS: Readonly<Record<StoredToken["leaseState"], ThemeIcon>> = {
  open: new ThemeIcon("key"),
  soon: new ThemeIcon("clock", new ThemeColor("list.warningForeground")),
  over: new ThemeIcon("circle-slash", new ThemeColor("list.errorForeground")),
};

/** A workspace in the tree. */
class WorkspaceNode {
  constructor(
    readonly workspace: string,
    readonly tokens: readonly StoredToken[],
  ) {}
}

/** A stored token in the tree. */
class TokenNode {
  constructor(readonly token: StoredToken) {}
}

type Node = WorkspaceNode | TokenNode;

/** Registers the "Stored Tokens" view and its commands. */
export function showStoredTokens({ connection, channel }: Services): Disposable[] {
  const list = new StoredTokenList(connection, channel);
  connection.announceCapability("tokens");
  connection.onNotification(METHOD_TOKENS_CHANGED, () => {
    list.refresh();
  });
  const tree = new StoredTokensTree(list);
  const view = window.createTreeView(VIEW_STORED, { treeDataProvider: tree });
  return [
    list,
    tree,
    view,
    connection.onDidStart(() => {
      list.refresh();
    }),
    // Relative times change, so refresh them whenever the view appears.
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) {
        tree.refresh();
      }
    }),
    ...registerStoredTokenCommands(list, connection, channel, (node) => (node instanceof TokenNode ? node.token : undefined)),
  ];
}

class StoredTokensTree implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listening: Disposable;

  constructor(private readonly list: StoredTokenList) {
    this.#listening = list.onDidChange(() => {
      this.refresh();
    });
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  getChildren(node?: Node): Node[] {
    if (node instanceof TokenNode) {
      return [];
    }
    if (node !== undefined) {
      return node.tokens.map((token) => new TokenNode(token));
    }
    const nodes = groupByWorkspace(this.list.tokens).map(([workspace, tokens]) => new WorkspaceNode(workspace, tokens));
    return nodes.length > 1 ? nodes : nodes.flatMap((branch) => this.getChildren(branch));
  }

  getTreeItem(node: Node): TreeItem {
    return node instanceof TokenNode ? tokenItem(node.token) : workspaceItem(node);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }
}

function workspaceItem({ workspace, tokens }: WorkspaceNode): TreeItem {
  const item = new TreeItem(workspace, TreeItemCollapsibleState.Expanded);
  item.id = workspace;
  item.description = tokens.length.toString();
  item.accessibilityInformation = { label: l10n.t("{0}, stored tokens: {1}", workspace, tokens.length) };
  item.iconPath = new ThemeIcon("root-folder");
  item.contextValue = "workspace";
  return item;
}

function tokenItem(token: StoredToken): TreeItem {
  const clock: Clock = { now: Date.now(), language: env.language };
  const about = tokenDescription(token, clock, l10n);
  const item = new TreeItem(token.name);
  item.id = token.reference;
  item.description = about;
  item.iconPath = ICONS[token.leaseState];
  item.contextValue = "stored";
  item.accessibilityInformation = { label: `${token.name}, ${about}` };
  const tooltip = new MarkdownString();
  for (const line of tokenDetails(token, clock, l10n)) {
    // Appended as text, so that it cannot contain links.
    tooltip.appendText(line).appendMarkdown("\n\n");
  }
  item.tooltip = tooltip;
  return item;
}
