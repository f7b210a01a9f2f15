import type { Connection } from "../client/connection";
import { METHOD_TERMINAL_DATA, METHOD_TERMINAL_END } from "../names";
import type { TerminalData } from "../protocol";
import { OutputBuffer } from "./outputBuffer";

// VS Code's mark for the start of a command's output; its first characters are often cut off.
const MARKS: readonly string[] = ["\u001b]633;C", "]633;C", "633;C"];
const ENDS: readonly string[] = ["\u0007", "\u001b\\"];

/** A command that runs in a terminal, as the server expects it. */
export type ExecutionInfo = Omit<TerminalData, "data">;

/** Sends a command's output to the server, then its end. */
export async function sendExecution(
  about: ExecutionInfo,
  printed: AsyncIterable<string>,
  exitCode: Promise<number | undefined>,
  notify: Connection["notify"],
): Promise<void> {
  const sent = { any: false };
  // Each message repeats all details, because the server may have just started.
  const send = (data: string): void => {
    sent.any = true;
    notify(METHOD_TERMINAL_DATA, { ...about, data });
  };
  const buffer = new OutputBuffer(send);
  try {
    let isFirst = true;
    for await (const data of printed) {
      buffer.add(isFirst ? removeMark(data) : data);
      isFirst = false;
    }
  } finally {
    // Even if reading fails: the server keeps data of running commands.
    buffer.flush();
    const code = await exitCode;
    if (!sent.any) {
      // The command line may contain a token, too.
      send("");
    }
    const { terminal, execution } = about;
    notify(METHOD_TERMINAL_END, { terminal, execution, ...(code === undefined ? {} : { exitCode: code }) });
  }
}

function removeMark(data: string): string {
  const mark = MARKS.find((one) => data.startsWith(one));
  if (mark === undefined) {
    return data;
  }
  const rest = data.slice(mark.length);
  const end = ENDS.find((one) => rest.startsWith(one)) ?? "";
  return rest.slice(end.length);
}
