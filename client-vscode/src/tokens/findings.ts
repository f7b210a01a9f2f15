import type { Diagnostic, Range, Uri } from "vscode";
import { DIAGNOSTIC_SOURCE } from "../names";
import { sanitise } from "../util/sanitise";
import type { Place } from "./places";

export const SEVERITIES = ["error", "warning", "information"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** A token at one place, collected from a diagnostic. */
export interface Finding {
  /** Unique among the current findings. */
  readonly id: string;
  readonly uri: Uri;
  readonly range: Range;
  readonly severity: Severity;
  readonly fingerprint: string;
  readonly message: string;
  /** The kind of token, such as `GitHub token`. */
  readonly token: string;
  /** The variable or key before it; may be empty. */
  readonly name: string;
  readonly place: Place;
}

/** The number of places by severity, and the number of different tokens with a warning or error. */
export type FindingCounts = Readonly<Record<Severity | "tokens", number>>;

type DocumentDiagnostics = readonly (readonly [Uri, readonly Diagnostic[]])[];

/** Collects our findings from all diagnostics, sorted by place. */
export function collectFindings(warnings: DocumentDiagnostics, placeOf: (uri: Uri) => Place): Finding[] {
  const found = new Map<string, Finding>();
  for (const [uri, diagnostics] of warnings) {
    const ours = diagnostics.filter((diagnostic) => fingerprintOf(diagnostic) !== undefined);
    if (ours.length > 0) {
      const place = placeOf(uri);
      // While a document opens, the server may report it both as a file and as a document.
      ours.map((diagnostic) => findingOf(uri, diagnostic, place)).forEach((finding) => found.set(finding.id, finding));
    }
  }
  return [...found.values()].sort(compareByPlace);
}

/** Returns the fingerprint of a diagnostic's token, or undefined if the diagnostic is not ours or only a note. */
export function fingerprintOf(diagnostic: Diagnostic): string | undefined {
  return diagnostic.source === DIAGNOSTIC_SOURCE ? dataOf(diagnostic, "fingerprint") : undefined;
}

/** Returns a text that the server attached to a diagnostic; a rule of the workspace may contain untrusted text. */
function dataOf(diagnostic: Diagnostic, field: "fingerprint" | "token" | "name"): string | undefined {
  const { data } = diagnostic as { data?: unknown };
  const text: unknown = typeof data === "object" && data !== null ? (data as Record<string, unknown>)[field] : undefined;
  return typeof text === "string" ? sanitise(text) : undefined;
}

export function countFindings(findings: readonly Finding[]): FindingCounts {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const warned = findings.filter(({ severity }) => severity !== "information");
  return {
    error: count("error"),
    warning: count("warning"),
    information: count("information"),
    tokens: new Set(warned.map(({ fingerprint }) => fingerprint)).size,
  };
}

/** Returns the number of places with a warning or error. */
export function countWarnings(counts: FindingCounts): number {
  return counts.error + counts.warning;
}

function findingOf(uri: Uri, diagnostic: Diagnostic, place: Place): Finding {
  const { range } = diagnostic;
  const message = sanitise(diagnostic.message);
  const fingerprint = fingerprintOf(diagnostic) ?? "";
  const { line, character } = range.start;
  return {
    id: [uri.toString(), line, character, fingerprint].join(" "),
    uri,
    range,
    severity: severityOf(diagnostic),
    fingerprint,
    message,
    token: dataOf(diagnostic, "token") ?? message,
    name: dataOf(diagnostic, "name") ?? "",
    place,
  };
}

function severityOf({ severity }: Diagnostic): Severity {
  const rank: number = severity;
  return SEVERITIES.find((_, index) => index === rank) ?? "information";
}

/** Orders findings by file name, terminals last, then by position. */
export function compareByPlace(one: Finding, other: Finding): number {
  return (
    Number(one.place.isTerminal) - Number(other.place.isTerminal) ||
    compareNames(one.place.label, other.place.label) ||
    compareNames(one.place.file, other.place.file) ||
    (one.place.cell ?? 0) - (other.place.cell ?? 0) ||
    one.range.start.line - other.range.start.line ||
    one.range.start.character - other.range.start.character ||
    compareNames(one.id, other.id)
  );
}

const { compare: collate } = new Intl.Collator("en", { numeric: true });

export function compareNames(one: string, other: string): number {
  return one === other ? 0 : collate(one, other) || (one < other ? -1 : 1);
}
