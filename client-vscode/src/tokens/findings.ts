import type { Diagnostic, Range, Uri } from "vscode";
import { DIAGNOSTIC_SOURCE } from "../names";
import { shown } from "../shown";
import type { Place } from "./places";

// As the server's sentence goes on after what it calls the token.
export const IN_PLAIN_TEXT = "is in plain text here.";
export const SEVERITIES = ["error", "warning", "information"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** A token at one place, as one of the editor's warnings tells of it. */
export interface Finding {
  /** Tells it from every other that stands at the same time. */
  readonly id: string;
  readonly uri: Uri;
  readonly range: Range;
  readonly severity: Severity;
  readonly fingerprint: string;
  readonly message: string;
  /** What its token is called, such as its kind and length. */
  readonly token: string;
  readonly place: Place;
}

/** How many places there are by severity, and how many different tokens stand at those that are warned of. */
export type Tally = Readonly<Record<Severity | "tokens", number>>;

export type Warnings = readonly (readonly [Uri, readonly Diagnostic[]])[];

/** Our findings among all of the editor's warnings, in the order of their places. */
export function findingsOf(warnings: Warnings, placeOf: (uri: Uri) => Place): Finding[] {
  const found = new Map<string, Finding>();
  for (const [uri, diagnostics] of warnings) {
    const ours = diagnostics.filter((diagnostic) => fingerprintOf(diagnostic) !== undefined);
    if (ours.length > 0) {
      const place = placeOf(uri);
      // While a document opens, it may be told of both as a file and as a document.
      ours.map((diagnostic) => findingOf(uri, diagnostic, place)).forEach((finding) => found.set(finding.id, finding));
    }
  }
  return [...found.values()].sort(byPlace);
}

/** What tells the token of a warning from others; undefined when the warning is not ours or is a note. */
export function fingerprintOf(diagnostic: Diagnostic): string | undefined {
  const { data } = diagnostic as { data?: unknown };
  if (diagnostic.source !== DIAGNOSTIC_SOURCE || typeof data !== "object" || data === null) {
    return undefined;
  }
  const { fingerprint } = data as { fingerprint?: unknown };
  return typeof fingerprint === "string" ? fingerprint : undefined;
}

export function tallyOf(findings: readonly Finding[]): Tally {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const warned = findings.filter(({ severity }) => severity !== "information");
  return {
    error: count("error"),
    warning: count("warning"),
    information: count("information"),
    tokens: new Set(warned.map(({ fingerprint }) => fingerprint)).size,
  };
}

/** At how many places its user is warned of a token. */
export function warnedOf(tally: Tally): number {
  return tally.error + tally.warning;
}

function findingOf(uri: Uri, diagnostic: Diagnostic, place: Place): Finding {
  const { range } = diagnostic;
  // A rule of the workspace's may have words of a stranger's.
  const message = shown(diagnostic.message);
  const fingerprint = fingerprintOf(diagnostic) ?? "";
  const { line, character } = range.start;
  return {
    id: [uri.toString(), line, character, fingerprint].join(" "),
    uri,
    range,
    severity: severityOf(diagnostic),
    fingerprint,
    message,
    token: message.split(IN_PLAIN_TEXT, 1).join("").trim(),
    place,
  };
}

function severityOf({ severity }: Diagnostic): Severity {
  const rank: number = severity;
  return SEVERITIES.find((_, index) => index === rank) ?? "information";
}

/** The order of places: files by name, terminals behind them, and what stands in each from its top. */
export function byPlace(one: Finding, other: Finding): number {
  return (
    Number(one.place.isTerminal) - Number(other.place.isTerminal) ||
    compare(one.place.label, other.place.label) ||
    compare(one.place.file, other.place.file) ||
    (one.place.cell ?? 0) - (other.place.cell ?? 0) ||
    one.range.start.line - other.range.start.line ||
    one.range.start.character - other.range.start.character ||
    compare(one.id, other.id)
  );
}

const { compare: inOrder } = new Intl.Collator("en", { numeric: true });

export function compare(one: string, other: string): number {
  return one === other ? 0 : inOrder(one, other) || (one < other ? -1 : 1);
}
