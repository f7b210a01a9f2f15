import type { Diagnostic, Uri } from "vscode";
import { collectFindings, type Finding } from "../src/tokens/findings";
import type { Place } from "../src/tokens/places";
import type { L10n } from "../src/util/localize";

/** English, as the editor puts values into its texts. */
export const l10n = {
  t: (text: string, ...values: unknown[]) =>
    text.replaceAll(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)])),
} as unknown as L10n;

export function uri(text: string): Uri {
  const [scheme = "", rest = ""] = text.split("://");
  return { scheme, path: rest, toString: () => text } as unknown as Uri;
}

export interface Given {
  readonly line?: number;
  readonly character?: number;
  readonly severity?: number;
  readonly token?: string;
  readonly name?: string;
  readonly source?: string;
  readonly data?: unknown;
}

export function warning(fingerprint: string, given: Given = {}): Diagnostic {
  const { line = 0, character = 0, severity = 1, token = "GitHub token", name = "", source = "tokenward" } = given;
  return {
    range: { start: { line, character }, end: { line, character: character + 40 } },
    severity,
    source,
    message: `${token} in plain text: long-lived.`,
    data: "data" in given ? given.data : { fingerprint, rule: "github", token, name },
  } as unknown as Diagnostic;
}

/** A file, as its uri ends, and the warnings in it. */
export type Row = readonly [file: string, ...warnings: Diagnostic[]];

export function found(...files: readonly Row[]): Finding[] {
  const placeOf = (text: Uri): Place => ({ file: text.toString(), label: text.path.slice(1), isTerminal: false });
  return collectFindings(
    files.map(([file, ...warnings]) => [uri(`file:///${file}`), warnings] as const),
    placeOf,
  );
}
