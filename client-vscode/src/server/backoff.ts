const CRASH_WINDOW = 180_000;
const DELAYS: readonly number[] = [1_000, 2_000, 4_000, 8_000];

/** Returns the delay before a restart after these crashes, or undefined if there were too many in a short time. */
export function restartDelay(crashes: readonly number[]): number | undefined {
  const latest = crashes.at(-1);
  if (latest === undefined) {
    return undefined;
  }
  const recent = crashes.filter((crash) => latest - crash < CRASH_WINDOW);
  return DELAYS[recent.length - 1];
}
