import { plainRecord } from './entry/value.ts';
import { parseYaml } from './yaml/parse.ts';

/** Where an agent of this name has its configuration, in its project's default branch. */
export const agentConfigPath = (name: string) => `.gitlab/agents/${name}/config.yaml`;

/** Whose jobs may use an agent, beside those of its own project; paths in lower case. */
export interface AgentAccess {
  projects: Map<string, Record<string, unknown>>;
  groups: Map<string, Record<string, unknown>>;
}

/** Reads `ci_access` of an agent's configuration; what cannot be read lets nobody in. */
export function agentAccess(text: string): AgentAccess {
  const parsed = parseYaml(text, 'config.yaml');
  const file = parsed.ok ? plainRecord(parsed.value) : null;
  const access = (file?.ci_access ?? {}) as Record<string, unknown>;
  return { projects: entries(access.projects), groups: entries(access.groups) };
}

function entries(list: unknown): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const entry of Array.isArray(list) ? list : []) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { id, ...configuration } = entry as Record<string, unknown>;
    if (typeof id === 'string') found.set(id.toLowerCase(), configuration);
  }
  return found;
}
