import { withTimeout } from "../util/timeout";

/** One run of the server. `stop` may be called at any time: before `start`, and while it is pending, too. */
export interface Session {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a session; `onCrash` is called when it ends by itself after it had started. */
export type OpenSession = (onCrash: () => void) => Promise<Session>;

/** Tells the user what became of the server. */
export interface TroubleReporter {
  reportFailedStart(error: unknown): void;
  reportRestart(milliseconds: number): void;
  reportGivingUp(): void;
}

export interface Limits {
  readonly startTimeout: number;
  readonly restartDelay: (crashes: readonly number[]) => number | undefined;
}

/** The server did not answer in time. */
export class StartTimeout extends Error {}

/**
 * Keeps at most one session alive: restarts it after a crash, within limits, and never after a failed start.
 *
 * Each start and stop takes a new turn; whatever still belongs to an older turn is ignored when it comes.
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

  /** Stop what runs and start anew, with earlier crashes forgiven. */
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
        // What is opened may be running already, though nobody wants it any more.
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

/** A session that cannot be stopped in an orderly way has ended, or is killed. */
async function stopQuietly(session: Session | undefined): Promise<void> {
  await session?.stop().catch(() => undefined);
}
