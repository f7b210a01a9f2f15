import type { AgentState, SurfaceState } from "../protocol";
import type { L10n } from "../util/localize";
import { sanitise } from "../util/sanitise";

/** Returns the text next to an agent's name: how it is guarded, what it can read, and what it has seen. */
export function agentDescription(agent: AgentState, exposed: number, l10n: L10n): string {
  const parts = [standingText(agent.standing, l10n), reachText(agent.reach, exposed, l10n), seenText(agent.seen, l10n)];
  return parts.filter((part) => part !== "").join(" · ");
}

/** Returns the lines of an agent's tooltip. */
export function agentDetails(agent: AgentState, exposed: number, l10n: L10n): string[] {
  const name = [agent.agent, agent.version ?? ""].join(" ").trim();
  const lines = [
    `${name}: ${agentDescription(agent, exposed, l10n)}`,
    ...agent.changed,
    ...agent.problems,
    agent.trust ?? "",
    agent.limits ?? "",
  ];
  return lines.filter((line) => line !== "").map(sanitise);
}

export function surfaceName(surface: SurfaceState["surface"], l10n: L10n): string {
  switch (surface) {
    case "prompt":
      return l10n.t("Prompts");
    case "file read":
      return l10n.t("Files that it reads");
    case "shell output":
      return l10n.t("Output of its commands");
    case "denied files":
      return l10n.t("Denied files");
  }
}

/** Returns the level of a surface; after a check that failed, that it did. */
export function surfaceDescription({ level, why, failed }: SurfaceState, l10n: L10n): string {
  const parts = [levelText(level, l10n), failed === true ? l10n.t("the check failed") : "", sanitise(why ?? "")];
  return parts.filter((part) => part !== "").join(" · ");
}

function standingText(standing: AgentState["standing"], l10n: L10n): string {
  switch (standing) {
    case "changed":
      return l10n.t("its guard was changed");
    case "guarded":
      return l10n.t("guarded");
    case "partly guarded":
      return l10n.t("partly guarded");
    case "unguarded":
      return l10n.t("not guarded");
  }
}

function reachText(reach: AgentState["reach"], exposed: number, l10n: L10n): string {
  if (exposed === 0) {
    return "";
  }
  switch (reach) {
    case "all":
      return l10n.t("can read exposed tokens: {0}", exposed);
    case "if hooks fail":
      return l10n.t("can read exposed tokens if a hook fails: {0}", exposed);
    case "none":
      return l10n.t("its tools read no exposed token");
  }
}

function seenText(seen: number | null | undefined, l10n: L10n): string {
  return seen === null || seen === undefined ? "" : l10n.t("has seen tokens: {0}", seen);
}

function levelText(level: SurfaceState["level"], l10n: L10n): string {
  switch (level) {
    case "enforced":
      return l10n.t("enforced");
    case "best effort":
      return l10n.t("best effort");
    case "recorded":
      return l10n.t("only recorded");
    case "absent":
      return l10n.t("absent");
  }
}
