import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { LogOutputChannel } from "vscode";

const LONGEST_LINE = 500;
// The format of `tokenward server`'s log; a library's log has another name or none.
const LOG_LINE = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) tokenward(?:\.\w+)*: /;

/**
 * Returns a text's first line, shortened, for the output channel.
 *
 * The client library appends whole messages to some of its errors, on later lines.
 */
export function firstLine(text: string): string {
  return (/^[^\r\n]*/.exec(text)?.[0] ?? "").slice(0, LONGEST_LINE);
}

/** Returns only the kind of an error, because its text may quote a document. */
export function errorKind(error: unknown): string {
  if (!(error instanceof Error)) {
    return "";
  }
  const code =
    "code" in error && ["string", "number"].includes(typeof error.code) ? ` ${String(error.code)}` : "";
  return ` (${error.name}${code})`;
}

/**
 * Forwards the server's log, and its other error output until the server has documents.
 *
 * The log contains no tokens, but a crash of the interpreter or of a native library may print parts of a document.
 */
export function forwardServerLog(hasDocuments: () => boolean): (input: Readable, channel: LogOutputChannel) => void {
  return (input, channel) => {
    let hidden = false;
    createInterface({ input, crlfDelay: Infinity, terminal: false }).on("line", (line) => {
      const level = LOG_LINE.exec(line)?.[1];
      if (level !== undefined || !hasDocuments()) {
        writeLine(channel, level, firstLine(line));
      } else if (!hidden) {
        hidden = true;
        channel.warn(
          "The rest of the server's error output is not shown because it may quote documents.",
        );
      }
    });
  };
}

function writeLine(channel: LogOutputChannel, level: string | undefined, line: string): void {
  if (level === "WARNING") {
    channel.warn(line);
  } else if (level === "INFO" || level === "DEBUG") {
    // `tokenward.logLevel` has already filtered it; the channel's own level would hide `debug`.
    channel.info(line);
  } else {
    channel.error(line);
  }
}
