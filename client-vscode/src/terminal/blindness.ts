/** How long a shell may take until its integration counts as missing, in milliseconds. */
export const PATIENCE = 10_000;

export interface Sight {
  readonly hasIntegration: boolean;
  readonly isUsed: boolean;
  /** An extension draws it; there is no shell in it. */
  readonly isDrawn: boolean;
  readonly hasEnded: boolean;
  readonly age: number;
}

/** Whether somebody works in a terminal of which nothing is seen. A task's terminal is not typed into. */
export function isBlind({ hasIntegration, isUsed, isDrawn, hasEnded, age }: Sight): boolean {
  return !hasIntegration && isUsed && !isDrawn && !hasEnded && age >= PATIENCE;
}
