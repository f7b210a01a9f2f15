import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { type Limits, type Session, StartTimeout, Supervisor, type TroubleReporter } from "../../src/server/supervisor";

/** Sessions whose starts can be held, failed and crashed at will, which a real server does not do on demand. */
class Stage implements TroubleReporter {
  readonly log: string[] = [];
  readonly crashes: (() => void)[] = [];
  alive = 0;
  /** Sessions that were opened, and not stopped. */
  open = 0;
  mostAlive = 0;
  start: (number: number) => Promise<void> = () => Promise.resolve();
  opening: (number: number) => Promise<void> = () => Promise.resolve();

  supervisor(limits: Partial<Limits> = {}): Supervisor {
    const open = (onCrash: () => void): Promise<Session> => this.#open(onCrash);
    return new Supervisor(open, this, { startTimeout: 10_000, restartDelay: () => 0, ...limits });
  }

  crash(number: number): void {
    this.alive -= 1;
    this.open -= 1;
    this.crashes[number]?.();
  }

  reportFailedStart(error: unknown): void {
    this.log.push(`failed: ${error instanceof Error ? error.constructor.name : String(error)}`);
  }

  reportRestart(milliseconds: number): void {
    this.log.push(`restarting in ${milliseconds.toString()}`);
  }

  reportGivingUp(): void {
    this.log.push("gave up");
  }

  async #open(onCrash: () => void): Promise<Session> {
    const number = this.crashes.push(onCrash) - 1;
    await this.opening(number);
    this.open += 1;
    let running = false;
    return {
      start: () => {
        running = true;
        this.alive += 1;
        this.mostAlive = Math.max(this.mostAlive, this.alive);
        return this.start(number);
      },
      stop: () => {
        this.alive -= running ? 1 : 0;
        running = false;
        this.open -= 1;
        return turn();
      },
    };
  }
}

const never = (): Promise<void> => new Promise(() => undefined);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await turn();
  }
}

test("a server that crashed is started again", async () => {
  const stage = new Stage();
  await stage.supervisor().restart();
  stage.crash(0);
  await until(() => stage.alive === 1);
  assert.deepEqual(stage.log, ["restarting in 0"]);
  assert.equal(stage.crashes.length, 2);
});

test("a server that keeps crashing is not restarted forever", async () => {
  const stage = new Stage();
  const supervisor = stage.supervisor({ restartDelay: (crashes) => (crashes.length < 3 ? 0 : undefined) });
  await supervisor.restart();
  for (const number of [0, 1, 2]) {
    await until(() => stage.alive === 1);
    stage.crash(number);
  }
  await sleep(20);
  assert.deepEqual(stage.log, ["restarting in 0", "restarting in 0", "gave up"]);
  assert.equal(stage.crashes.length, 3);
});

test("a restart by the user forgives earlier crashes", async () => {
  const stage = new Stage();
  const seen: number[] = [];
  const supervisor = stage.supervisor({ restartDelay: (crashes) => (seen.push(crashes.length), undefined) });
  await supervisor.restart();
  stage.crash(0);
  await supervisor.restart();
  stage.crash(1);
  assert.deepEqual(seen, [1, 1]);
});

test("a start that fails is reported once and not tried again", async () => {
  const stage = new Stage();
  stage.start = () => Promise.reject(new RangeError("no"));
  await stage.supervisor().restart();
  await sleep(20);
  assert.deepEqual(stage.log, ["failed: RangeError"]);
  assert.equal(stage.alive, 0);
  assert.equal(stage.crashes.length, 1);
});

test("a server that cannot be found is reported once", async () => {
  const stage = new Stage();
  stage.opening = () => Promise.reject(new SyntaxError("no"));
  await stage.supervisor().restart();
  assert.deepEqual(stage.log, ["failed: SyntaxError"]);
});

test("a server that does not respond is stopped and reported", async () => {
  const stage = new Stage();
  stage.start = never;
  await stage.supervisor({ startTimeout: 10 }).restart();
  assert.deepEqual(stage.log, [`failed: ${StartTimeout.name}`]);
  assert.equal(stage.alive, 0);
});

test("a restart replaces a server that is starting, without an error", async () => {
  const stage = new Stage();
  let fail: (error: Error) => void = () => undefined;
  stage.start = (number) => (number === 0 ? new Promise((_, reject) => (fail = reject)) : Promise.resolve());
  const supervisor = stage.supervisor();
  const first = supervisor.restart();
  await until(() => stage.alive === 1);
  await supervisor.restart();
  fail(new Error("stopped"));
  await first;
  assert.deepEqual(stage.log, []);
  assert.equal(stage.alive, 1);
});

test("no two servers run at once, however often the user restarts", async () => {
  const stage = new Stage();
  stage.opening = () => turn();
  stage.start = () => turn();
  const supervisor = stage.supervisor();
  await Promise.all(Array.from({ length: 10 }, () => supervisor.restart()));
  assert.equal(stage.alive, 1);
  assert.equal(stage.mostAlive, 1);
  assert.equal(stage.open, 1);
});

test("nothing starts after a stop: neither a pending restart nor a late search", async () => {
  const stage = new Stage();
  const supervisor = stage.supervisor({ restartDelay: () => 5 });
  await supervisor.restart();
  stage.crash(0);
  await supervisor.stop();
  let found: () => void = () => undefined;
  stage.opening = () => new Promise((resolve) => (found = resolve));
  const late = supervisor.restart();
  await until(() => stage.crashes.length === 2);
  await supervisor.stop();
  found();
  await late;
  await sleep(20);
  assert.equal(stage.alive, 0);
  assert.equal(stage.open, 0);
  assert.equal(stage.crashes.length, 2);
});

test("a crash of a replaced server is ignored", async () => {
  const stage = new Stage();
  const supervisor = stage.supervisor();
  await supervisor.restart();
  await supervisor.restart();
  stage.crashes[0]?.();
  await sleep(20);
  assert.deepEqual(stage.log, []);
  assert.equal(stage.alive, 1);
});
