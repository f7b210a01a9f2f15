import { EventEmitter, LogLevel, type LogOutputChannel } from "vscode";

/**
 * A channel that takes everything and shows nothing, at a level that cannot be changed.
 *
 * The client library traces whole messages, and so documents with their tokens, to its trace channel, as soon
 * as that channel's level or a setting (which a workspace could hold) says so.
 */
export function createSilentChannel(): LogOutputChannel {
  const nothing = (): void => undefined;
  return {
    name: "silent",
    logLevel: LogLevel.Off,
    onDidChangeLogLevel: new EventEmitter<LogLevel>().event,
    append: nothing,
    appendLine: nothing,
    replace: nothing,
    clear: nothing,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the interface includes an overload of old
    show: nothing,
    hide: nothing,
    dispose: nothing,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
  };
}
