import type { WorkspaceConfiguration } from "vscode";
import { SERVER_SETTINGS } from "../names";

/**
 * Returns the server settings that the user has set in the editor.
 *
 * It omits defaults and empty texts: the server would take them for choices, and they would override the user's and the workspace's own
 * settings files.
 */
export function explicitSettings(
  configuration: Pick<WorkspaceConfiguration, "get" | "inspect">,
): Record<string, unknown> {
  const chosen = SERVER_SETTINGS.filter((key) => isSet(configuration.inspect(key)));
  return Object.fromEntries(chosen.map((key) => [key, configuration.get(key)]));
}

function isSet(inspected: ReturnType<WorkspaceConfiguration["inspect"]>): boolean {
  const places = [inspected?.globalValue, inspected?.workspaceValue, inspected?.workspaceFolderValue];
  return places.some((value) => value !== undefined && value !== "");
}
