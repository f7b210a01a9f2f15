import { compareByPlace, compareNames, type Finding, SEVERITIES, type Severity } from "./findings";

/** A non-empty group of findings and its first one. */
export interface Group {
  readonly id: string;
  readonly first: Finding;
  readonly findings: readonly Finding[];
  /** The severity of the most serious finding. */
  readonly severity: Severity;
}

/** Groups findings by file, in the order of the files. */
export function groupByFile(findings: readonly Finding[]): Group[] {
  return groupFindings(findings, ({ place }) => place.file);
}

/** Groups findings by token, the most serious first. */
export function groupByToken(findings: readonly Finding[]): Group[] {
  return groupFindings(findings, ({ fingerprint }) => fingerprint).sort(
    (one, other) =>
      rankOf(one.severity) - rankOf(other.severity) ||
      compareNames(one.first.token, other.first.token) ||
      compareByPlace(one.first, other.first),
  );
}

function groupFindings(findings: readonly Finding[], keyOf: (finding: Finding) => string): Group[] {
  const members = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const known = members.get(key);
    if (known === undefined) {
      members.set(key, [finding]);
    } else {
      known.push(finding);
    }
  }
  return [...members].map(([id, all]) => ({ id, first: all[0], findings: all, severity: worstSeverity(all) }));
}

function worstSeverity(findings: readonly Finding[]): Severity {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity)) ?? "information";
}

function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
