import { METHOD_TERMINAL_DATA, METHOD_TERMINAL_END } from "../names";
import { OutputBuffer } from "./outputBuffer";

// What VS Code puts before a command's output to tell where that begins; often its own beginning is cut off.
const MARKS: readonly string[] = ["\u001b]633;C", "]633;C", "633;C"];
const ENDS: readonly string[] = ["\u0007", "\u001b\\"];

/** One command that runs in a terminal, as the server is told of it. */
export interface ExecutionInfo {
  readonly terminal: string;
  readonly execution: string;
  readonly name: string;
  readonly cwd?: string;
  readonly commandLine: string;
}

/** Tells the server what a command prints and, after all of that, that it has ended. */
export async function sendExecution(
  about: ExecutionInfo,
  printed: AsyncIterable<string>,
  exitCode: Promise<number | undefined>,
  notify: (method: string, params: object) => void,
): Promise<void> {
  const told = { any: false };
  // Each message says all of it anew: a server that has just been started has heard nothing yet.
  const tell = (data: string): void => {
    told.any = true;
    notify(METHOD_TERMINAL_DATA, { ...about, data });
  };
  const portions = new OutputBuffer(tell);
  try {
    let isFirst = true;
    for await (const data of printed) {
      portions.add(isFirst ? removeMark(data) : data);
      isFirst = false;
    }
  } finally {
    // Also when no more can be read: the server keeps a command that runs.
    portions.flush();
    const code = await exitCode;
    if (!told.any) {
      // The command line may hold a token, too.
      tell("");
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
