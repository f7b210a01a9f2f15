/** A text among the parameters of a message; undefined when there is none by that name. */
export function stringParam(params: unknown, name: string): string | undefined {
  if (typeof params !== "object" || params === null) {
    return undefined;
  }
  const value = (params as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}
