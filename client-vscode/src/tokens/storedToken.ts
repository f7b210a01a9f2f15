import type { StoredToken } from "../protocol";
import type { L10n } from "../util/localize";

export interface Clock {
  readonly now: number;
  readonly language: string;
}

// The server's pattern for names of tokens.
const TOKEN_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Groups tokens by workspace, both sorted by name. */
export function groupByWorkspace(tokens: readonly StoredToken[]): [string, StoredToken[]][] {
  const names = [...new Set(tokens.map(({ workspace }) => workspace))].sort(compareNames);
  const sorted = [...tokens].sort((one, other) => compareNames(one.name, other.name));
  return names.map((name) => [name, sorted.filter(({ workspace }) => workspace === name)]);
}

/** Returns the text next to a token's name in the tree. */
export function tokenDescription(token: StoredToken, clock: Clock, l10n: L10n): string {
  return [token.provider, token.lease, lastUseText(token, clock, l10n)].filter((part) => part !== "").join(" · ");
}

/** Returns the lines of a token's tooltip. */
export function tokenDetails(token: StoredToken, clock: Clock, l10n: L10n): string[] {
  const lines = [
    token.reference,
    [token.provider, token.label].filter((part) => part !== "").join(", "),
    token.lease === "" ? "" : l10n.t("Lease: {0}", token.lease),
    l10n.t("Stored {0}", relativeTime(token.created, clock)),
    capitalize(lastUseText(token, clock, l10n)),
  ];
  return lines.filter((line) => line !== "");
}

function lastUseText({ lastUsed }: StoredToken, clock: Clock, l10n: L10n): string {
  return lastUsed === null ? l10n.t("never used") : l10n.t("last used {0}", relativeTime(lastUsed, clock));
}

/** Returns how long ago a time was, in words of the user's language. */
export function relativeTime(time: string, { now, language }: Clock): string {
  const seconds = Math.max(0, (now - Date.parse(time)) / 1000);
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const unit = UNITS.find(([, length]) => seconds >= length);
  return unit === undefined ? words.format(0, "second") : words.format(-Math.floor(seconds / unit[1]), unit[0]);
}

/** Returns why a token cannot have this name, or undefined if it can. */
export function validateTokenName(name: string, token: StoredToken, all: readonly StoredToken[], l10n: L10n): string | undefined {
  const isTaken = all.some((other) => other.workspace === token.workspace && other.name === name);
  return isTaken && name !== token.name ? l10n.t("Another token already has this name.") : validateNewName(name, l10n);
}

/** Returns why no token can have this name, or undefined if one can. */
export function validateNewName(name: string, l10n: L10n): string | undefined {
  return TOKEN_NAME.test(name)
    ? undefined
    : l10n.t("Use up to 128 letters, digits and underscores, not starting with a digit.");
}

function capitalize(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

function compareNames(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
