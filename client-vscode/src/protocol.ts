/** The types of the server's commands and messages, generated from protocol.json by `make protocol`. */

import type { Range, TextEdit } from "vscode-languageserver-protocol";

export type Nothing = Record<string, never>;

export interface MoveArgument {
  readonly uri: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly line?: number;
  readonly column?: number;
  readonly name?: string;
  readonly template?: boolean;
}

export interface MoveAllArgument {
  readonly uri: string;
  readonly version: number;
  readonly scope: "file" | "workspace";
}

export interface Moved {
  readonly message: string;
  readonly finish?: FinishArgument;
}

export interface FinishArgument {
  readonly steps: readonly FollowUp[];
}

export interface FollowUp {
  readonly program: "gh" | "glab" | "circleci" | "az" | "git";
  readonly reference: string;
  readonly own: string;
  readonly url: string;
}

export interface EnterArgument {
  readonly uri: string;
  readonly name: string;
}

export interface StoredAside {
  readonly lookUp: string;
}

export interface PlaceArgument {
  readonly uri: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly line: number;
  readonly column: number;
}

export interface PrintedArgument {
  readonly uri: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly line?: number;
  readonly column?: number;
  readonly name?: string;
}

export interface LeaseArgument {
  readonly uri: string;
  readonly reference: string;
  readonly limit: "1h" | "8h" | "editor" | "always";
}

export interface ReferenceArgument {
  readonly reference: string;
}

export interface RenameArgument {
  readonly reference: string;
  readonly name: string;
}

export interface ReplaceParams {
  readonly reference: string;
  readonly value: string;
}

export interface ReplacedToken {
  readonly reference: string;
}

export interface StoredTokens {
  readonly tokens: readonly StoredToken[];
}

export interface StoredToken {
  readonly reference: string;
  readonly workspace: string;
  readonly name: string;
  /** Empty if unknown. */
  readonly provider: string;
  readonly label: string;
  readonly uri: string;
  readonly created: string;
  readonly lastUsed: string | null;
  /** In words; empty if there is no limit. */
  readonly lease: string;
  readonly leaseState: "open" | "soon" | "over";
}

export interface AgentArgument {
  readonly agent?: string;
}

export interface AgentList {
  readonly agents: readonly AgentState[];
}

export interface AgentState {
  readonly agent: string;
  readonly dialect: string | null;
  readonly version: string | null;
  readonly standing: "changed" | "guarded" | "partly guarded" | "unguarded";
  /** Which exposed tokens it can read. */
  readonly reach: "all" | "if hooks fail" | "none";
  /** How many tokens are known from its transcripts that are not revoked. */
  readonly seen?: number | null;
  /** In sentences. */
  readonly changed: readonly string[];
  readonly failuresBlockSince: string | null;
  readonly isTooOld: boolean;
  readonly surfaces: readonly SurfaceState[];
  readonly problems: readonly string[];
  readonly trust: string | null;
  readonly limits: string | null;
  readonly source: string;
  readonly date: string;
}

export interface SurfaceState {
  readonly surface: "prompt" | "file read" | "shell output" | "denied files";
  readonly level: "enforced" | "best effort" | "recorded" | "absent";
  readonly why: string | null;
  /** Only after a check. */
  readonly withoutProgram?: string | null;
  /** Only after a check. */
  readonly failed?: boolean;
}

export interface GuardChanges {
  readonly changed: readonly string[];
}

export interface RangesArgument {
  readonly uri: string;
  readonly version: number;
  readonly ranges: readonly Range[];
}

export interface CopiedText {
  readonly text: string;
  /** How many tokens are not in the keyring, and were masked. */
  readonly masked: number;
}

export interface ReportPage {
  readonly html: string;
}

export interface PassphraseParams {
  readonly prompt: string;
}

export interface Passphrase {
  readonly passphrase: string | null;
}

export interface SecretKey {
  readonly key: string;
}

export interface SecretEntry {
  readonly key: string;
  readonly value: string;
}

export interface SecretValue {
  readonly value: string | null;
}

export interface TerminalData {
  readonly terminal: string | number;
  readonly execution: string | number;
  readonly name?: string;
  readonly cwd?: string;
  readonly commandLine?: string;
  readonly data: string;
  readonly columns?: number;
}

export interface TerminalEnd {
  readonly terminal: string | number;
  readonly execution: string | number;
  readonly exitCode?: number;
}

export interface UriParams {
  readonly uri: string;
}

export interface TerminalParams {
  readonly terminal: string;
}

export interface Transcript {
  readonly text: string;
  readonly version: number;
}

export interface PasteParams {
  readonly uri: string;
  readonly version: number;
  readonly ranges: readonly Range[];
  readonly text: string;
}

export interface PasteOffer {
  readonly tokens: number;
  readonly label: string;
  readonly title: string;
}

export interface StoredPaste {
  readonly text: string;
  readonly edit: PasteEdit | null;
  readonly message: string;
}

export interface PasteEdit {
  readonly documentChanges?: readonly (FileCreation | TextChange)[];
}

export interface FileCreation {
  readonly kind: "create";
  readonly uri: string;
}

export interface TextChange {
  readonly textDocument: UriParams;
  readonly edits: readonly TextEdit[];
}

export interface LaunchParams {
  readonly uri: string;
  readonly env: Readonly<Record<string, string>>;
  readonly envFiles: readonly string[];
  readonly args: readonly string[];
  readonly program: string | null;
}

export interface LaunchResult {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly changed: boolean;
}

/** The argument of each command of the server. */
export interface ServerCommands {
  "tokenward.server.move": MoveArgument;
  "tokenward.server.moveAll": MoveAllArgument;
  "tokenward.server.finish": FinishArgument;
  "tokenward.server.storeAside": MoveArgument;
  "tokenward.server.ignore": PlaceArgument;
  "tokenward.server.ignoreInWorkspace": PlaceArgument;
  "tokenward.server.check": PlaceArgument | ReferenceArgument;
  "tokenward.server.revoke": PlaceArgument | ReferenceArgument;
  "tokenward.server.openPage": PlaceArgument;
  "tokenward.server.lease": LeaseArgument;
  "tokenward.server.store": PrintedArgument;
  "tokenward.server.enter": EnterArgument;
  "tokenward.server.find": PrintedArgument;
  "tokenward.server.forget": PrintedArgument;
  "tokenward.server.rename": RenameArgument;
  "tokenward.server.delete": ReferenceArgument;
  "tokenward.server.agents": AgentArgument;
  "tokenward.server.protectAgents": AgentArgument;
  "tokenward.server.undoAgents": AgentArgument;
  "tokenward.server.checkAgents": AgentArgument;
  "tokenward.server.revokeSeen": AgentArgument;
  "tokenward.server.copyForAi": RangesArgument;
  "tokenward.server.scan": undefined;
}

/** The result of each command that has one. */
export interface CommandResults {
  "tokenward.server.move": Moved | null;
  "tokenward.server.moveAll": Moved | null;
  "tokenward.server.storeAside": StoredAside | null;
  "tokenward.server.agents": AgentList | null;
  "tokenward.server.protectAgents": AgentList | null;
  "tokenward.server.undoAgents": AgentList | null;
  "tokenward.server.checkAgents": AgentList | null;
  "tokenward.server.revokeSeen": AgentList | null;
  "tokenward.server.copyForAi": CopiedText | null;
}

/** The requests to the server. */
export interface ServerRequests {
  "tokenward/tokens": { params: Nothing; result: StoredTokens | null };
  "tokenward/tokens/replace": { params: ReplaceParams; result: ReplacedToken | null };
  "tokenward/report": { params: Nothing; result: ReportPage | null };
  "tokenward/terminal/transcript": { params: UriParams; result: Transcript | null };
  "tokenward/paste": { params: PasteParams; result: PasteOffer | null };
  "tokenward/paste/store": { params: PasteParams; result: StoredPaste | null };
  "tokenward/launch": { params: LaunchParams; result: LaunchResult };
}

/** The notifications to the server. */
export interface ServerNotifications {
  "tokenward/terminal/data": TerminalData;
  "tokenward/terminal/end": TerminalEnd;
}

/** The requests to the client. */
export interface ClientRequests {
  "tokenward/passphrase": { params: PassphraseParams; result: Passphrase };
  "tokenward/secretStorage/get": { params: SecretKey; result: SecretValue };
  "tokenward/secretStorage/store": { params: SecretEntry; result: Nothing };
  "tokenward/secretStorage/delete": { params: SecretKey; result: Nothing };
}

/** The notifications to the client. */
export interface ClientNotifications {
  "tokenward/tokens/changed": Nothing;
  "tokenward/agents/changed": GuardChanges;
  "tokenward/terminal/changed": UriParams;
  "tokenward/terminal/clear": TerminalParams;
  "tokenward/looked": UriParams;
}

/** The capabilities in `experimental.tokenward`. */
export type Capability = "agents" | "clearTerminal" | "looked" | "moved" | "passphrase" | "secretStorage" | "terminal" | "tokens";
