import {
  commands,
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
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import type { Services } from "../feature";
import {
  COMMAND_CHECK_AGENTS,
  COMMAND_PROTECT_AGENTS,
  COMMAND_REFRESH_AGENTS,
  COMMAND_REVOKE_SEEN,
  COMMAND_SHOW_AGENTS,
  COMMAND_UNDO_AGENTS,
  SERVER_COMMAND_AGENTS,
  SERVER_COMMAND_AGENTS_CHECK,
  SERVER_COMMAND_AGENTS_PROTECT,
  SERVER_COMMAND_AGENTS_UNDO,
  SERVER_COMMAND_REVOKE_SEEN,
  VIEW_AGENTS,
} from "../names";
import type { AgentState, SurfaceState } from "../protocol";
import type { ExposedTokens } from "../tokens/exposedTokens";
import { countFindings, countWarnings } from "../tokens/findings";
import { type AgentCommand, AgentList } from "./agentList";
import { agentDescription, agentDetails, surfaceDescription, surfaceName } from "./agentTexts";
import type { GuardChanges } from "./guardChanges";

const STANDINGS: Readonly<Record<AgentState["standing"], ThemeIcon>> = {
  changed: new ThemeIcon("alert", new ThemeColor("list.errorForeground")),
  guarded: new ThemeIcon("shield", new ThemeColor("testing.iconPassed")),
  "partly guarded": new ThemeIcon("shield", new ThemeColor("list.warningForeground")),
  unguarded: new ThemeIcon("unlock", new ThemeColor("list.warningForeground")),
};

const LEVELS: Readonly<Record<SurfaceState["level"], ThemeIcon>> = {
  enforced: new ThemeIcon("pass", new ThemeColor("testing.iconPassed")),
  "best effort": new ThemeIcon("pass"),
  recorded: new ThemeIcon("warning", new ThemeColor("list.warningForeground")),
  absent: new ThemeIcon("circle-slash", new ThemeColor("list.warningForeground")),
};

const COMMANDS: readonly (readonly [string, AgentCommand])[] = [
  [COMMAND_REFRESH_AGENTS, SERVER_COMMAND_AGENTS],
  [COMMAND_PROTECT_AGENTS, SERVER_COMMAND_AGENTS_PROTECT],
  [COMMAND_UNDO_AGENTS, SERVER_COMMAND_AGENTS_UNDO],
  [COMMAND_CHECK_AGENTS, SERVER_COMMAND_AGENTS_CHECK],
  [COMMAND_REVOKE_SEEN, SERVER_COMMAND_REVOKE_SEEN],
];

/** An agent in the tree. */
class AgentNode {
  constructor(readonly agent: AgentState) {}
}

type Node = AgentNode | SurfaceState;

/** Registers the "AI Agents" view and its commands. */
export function showAgents({ connection, channel }: Services, exposed: ExposedTokens, guard: GuardChanges): Disposable[] {
  const list = new AgentList(connection);
  const tree = new AgentsTree(list, exposed);
  const view = window.createTreeView(VIEW_AGENTS, { treeDataProvider: tree });
  const run = async (command: AgentCommand, agent?: string): Promise<void> => {
    await window.withProgress({ location: { viewId: VIEW_AGENTS } }, () =>
      showErrorOnFailure(list.run(command, agent), channel),
    );
  };
  const refresh = (): void => {
    // The server starts the agents' programs to learn their versions, so not for a view that nobody sees.
    if (view.visible && connection.isRunning) {
      void run(SERVER_COMMAND_AGENTS);
    }
  };
  return [
    list,
    tree,
    view,
    connection.onDidStart(refresh),
    guard.onDidChange(refresh),
    view.onDidChangeVisibility(refresh),
    list.onDidChange(() => {
      view.message = list.agents?.length === 0 ? l10n.t("No AI agent was found on this computer.") : "";
    }),
    commands.registerCommand(COMMAND_SHOW_AGENTS, () => commands.executeCommand(`${VIEW_AGENTS}.focus`)),
    ...COMMANDS.map(([command, ours]) =>
      commands.registerCommand(command, (node: unknown) => run(ours, node instanceof AgentNode ? node.agent.agent : undefined)),
    ),
  ];
}

class AgentsTree implements TreeDataProvider<Node>, Disposable {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listening: readonly Disposable[];

  constructor(
    private readonly list: AgentList,
    private readonly exposed: ExposedTokens,
  ) {
    const refresh = (): void => {
      this.#changed.fire(undefined);
    };
    this.#listening = [list.onDidChange(refresh), exposed.onDidChange(refresh)];
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      return (this.list.agents ?? []).map((agent) => new AgentNode(agent));
    }
    return node instanceof AgentNode ? [...node.agent.surfaces] : [];
  }

  getTreeItem(node: Node): TreeItem {
    const count = countWarnings(countFindings(this.exposed.findings));
    return node instanceof AgentNode ? agentItem(node.agent, count) : surfaceItem(node);
  }

  dispose(): void {
    this.#listening.forEach((part) => {
      part.dispose();
    });
    this.#changed.dispose();
  }
}

function agentItem(agent: AgentState, exposed: number): TreeItem {
  const item = new TreeItem(agent.agent, TreeItemCollapsibleState.Collapsed);
  item.id = agent.agent;
  item.description = agentDescription(agent, exposed, l10n);
  item.iconPath = STANDINGS[agent.standing];
  item.contextValue = "agent";
  item.accessibilityInformation = { label: `${agent.agent}, ${item.description}` };
  const tooltip = new MarkdownString();
  for (const line of agentDetails(agent, exposed, l10n)) {
    // Appended as text, so that it cannot contain links.
    tooltip.appendText(line).appendMarkdown("\n\n");
  }
  item.tooltip = tooltip;
  return item;
}

function surfaceItem(surface: SurfaceState): TreeItem {
  const item = new TreeItem(surfaceName(surface.surface, l10n));
  item.description = surfaceDescription(surface, l10n);
  item.iconPath = surface.failed === true ? new ThemeIcon("error", new ThemeColor("list.errorForeground")) : LEVELS[surface.level];
  item.contextValue = "surface";
  return item;
}
