import type { Disposable, Event } from "vscode-languageserver-protocol";
import type { Connection } from "../client/connection";
import { SERVER_COMMAND_AGENTS } from "../names";
import type { AgentList as Listed, AgentState, CommandResults } from "../protocol";
import { Emitter } from "../util/emitter";

/** The commands of the server that answer with the status of agents. */
export type AgentCommand = {
  [C in keyof CommandResults]: CommandResults[C] extends Listed | null ? C : never;
}[keyof CommandResults];

/** The AI agents in use, as the server last reported them. */
export class AgentList implements Disposable {
  readonly onDidChange: Event<void>;
  readonly #changed = new Emitter<void>();
  #agents: readonly AgentState[] | undefined;
  #turn = 0;

  constructor(private readonly connection: Connection) {
    this.onDidChange = this.#changed.event;
  }

  /** The agents; undefined before the first answer. */
  get agents(): readonly AgentState[] | undefined {
    return this.#agents;
  }

  async refresh(): Promise<void> {
    await this.run(SERVER_COMMAND_AGENTS);
  }

  /** Runs a command for one agent or for all, and takes over its answer; a later command's answer takes precedence. */
  async run(command: AgentCommand, agent?: string): Promise<void> {
    const turn = ++this.#turn;
    const answer = await this.connection.executeCommand(command, agent === undefined ? {} : { agent });
    if (answer === null || turn !== this.#turn) {
      return;
    }
    const { agents } = answer;
    const known = agent === undefined ? undefined : this.#agents;
    this.#agents = known?.map((one) => agents.find((found) => found.agent === one.agent) ?? one) ?? agents;
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
