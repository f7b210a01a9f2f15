import { METHOD_TERMINAL_DATA, METHOD_TERMINAL_END } from "../names";
import { Portions } from "./portions";

/** One command that runs in a terminal, as the server is told of it. */
export interface Execution {
  readonly terminal: string;
  readonly execution: string;
  readonly name: string;
  readonly cwd?: string;
  readonly commandLine: string;
}

/** Tells the server what a command prints and, after all of that, that it has ended. */
export async function feed(
  about: Execution,
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
  const portions = new Portions(tell);
  try {
    for await (const data of printed) {
      portions.add(data);
    }
  } finally {
    portions.flush();
  }
  const code = await exitCode;
  if (!told.any) {
    // The command line may hold a token, too.
    tell("");
  }
  const { terminal, execution } = about;
  notify(METHOD_TERMINAL_END, { terminal, execution, ...(code === undefined ? {} : { exitCode: code }) });
}
