/** How long a shell may take until its integration counts as missing, in milliseconds. */
export const INTEGRATION_TIMEOUT = 10_000;

export interface TerminalUse {
  readonly hasIntegration: boolean;
  readonly isUsed: boolean;
  /** An extension draws it; there is no shell in it. */
  readonly isDrawn: boolean;
  readonly hasEnded: boolean;
  readonly age: number;
}

/** Whether somebody works in a terminal of which nothing is seen. A task's terminal is not typed into. */
export function isIntegrationMissing({ hasIntegration, isUsed, isDrawn, hasEnded, age }: TerminalUse): boolean {
  return !hasIntegration && isUsed && !isDrawn && !hasEnded && age >= INTEGRATION_TIMEOUT;
}
