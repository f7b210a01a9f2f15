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

/** A terminal's name as a message can show it: a program may have set it, and brackets would be a link. */
export function plainName(name: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  const plain = name.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069[\]()<>`$]+/g, " ");
  return plain.trim().slice(0, 60);
}
