import { withTimeout } from "../util/timeout";

/** A run of the server. `stop` may be called at any time, even before or during `start`. */
export interface Session {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Opens a session; `onCrash` is called if the session ends unexpectedly after its start. */
type OpenSession = (onCrash: () => void) => Promise<Session>;

/** Reports trouble with the server to the user. */
export interface TroubleReporter {
  reportFailedStart(error: unknown): void;
  reportRestart(milliseconds: number): void;
  reportGivingUp(): void;
}

export interface Limits {
  readonly startTimeout: number;
  readonly restartDelay: (crashes: readonly number[]) => number | undefined;
}

/** The server did not respond in time. */
export class StartTimeout extends Error {}

/**
 * Keeps at most one session alive. Restarts it after a crash, within limits, but not after a failed start.
 *
 * Each start and stop takes a new turn; events of older turns are ignored.
 */
export class Supervisor {
  #turn = 0;
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  #crashes: number[] = [];

  constructor(
    private readonly open: OpenSession,
    private readonly reporter: TroubleReporter,
    private readonly limits: Limits,
  ) {}

  /** Stops the session and starts a new one, with a clean record of crashes. */
  async restart(): Promise<void> {
    this.#crashes = [];
    await this.#start();
  }

  async stop(): Promise<void> {
    this.#takeTurn();
    await this.#endSession();
  }

  async #start(): Promise<void> {
    const turn = this.#takeTurn();
    await this.#endSession();
    try {
      const session = await this.open(() => {
        this.#handleCrash(turn);
      });
      if (turn !== this.#turn) {
        // It may already run, although a newer turn has replaced it.
        await stopQuietly(session);
        return;
      }
      this.#session = session;
      const started = session.start().then(() => true);
      if ((await withTimeout(started, this.limits.startTimeout)) === undefined) {
        throw new StartTimeout(`no response within ${(this.limits.startTimeout / 1000).toString()} s`);
      }
    } catch (error) {
      await this.#handleFailedStart(turn, error);
    }
  }

  async #handleFailedStart(turn: number, error: unknown): Promise<void> {
    if (turn === this.#turn) {
      this.reporter.reportFailedStart(error);
      await this.stop();
    }
  }

  #handleCrash(turn: number): void {
    if (turn !== this.#turn) {
      return;
    }
    this.#takeTurn();
    this.#session = undefined;
    this.#crashes.push(Date.now());
    const delay = this.limits.restartDelay(this.#crashes);
    if (delay === undefined) {
      this.reporter.reportGivingUp();
      return;
    }
    this.reporter.reportRestart(delay);
    this.#timer = setTimeout(() => void this.#start(), delay);
  }

  #takeTurn(): number {
    clearTimeout(this.#timer);
    return ++this.#turn;
  }

  async #endSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await stopQuietly(session);
  }
}

/** Stops a session; one that fails to stop has ended, or is killed. */
async function stopQuietly(session: Session | undefined): Promise<void> {
  await session?.stop().catch(() => undefined);
}
