/** How long to wait for a shell's integration before it counts as missing, in milliseconds. */
export const INTEGRATION_TIMEOUT = 10_000;

interface TerminalUse {
  readonly hasIntegration: boolean;
  readonly isUsed: boolean;
  /** An extension provides its contents; it has no shell. */
  readonly isDrawn: boolean;
  readonly hasEnded: boolean;
  readonly age: number;
}

/**
 * Returns whether a user works in a terminal that the extension cannot read. Users do not type into tasks' terminals.
 */
export function isIntegrationMissing({ hasIntegration, isUsed, isDrawn, hasEnded, age }: TerminalUse): boolean {
  return !hasIntegration && isUsed && !isDrawn && !hasEnded && age >= INTEGRATION_TIMEOUT;
}
