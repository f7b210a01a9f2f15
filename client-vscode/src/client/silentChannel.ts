import { EventEmitter, LogLevel, type LogOutputChannel } from "vscode";

/**
 * Creates a channel that discards everything, at a fixed level.
 *
 * The client library traces whole messages, which contain documents and their tokens, if the channel's level or a
 * setting asks for it, and a workspace could contain that setting.
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
