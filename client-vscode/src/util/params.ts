/** Returns a string parameter of a message, or undefined. */
export function stringParam(params: unknown, name: string): string | undefined {
  if (typeof params !== "object" || params === null) {
    return undefined;
  }
  const value = (params as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}
