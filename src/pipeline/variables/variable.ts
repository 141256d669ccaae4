import type { JobVariable } from '../../project/variable.ts';

/** Name and value of something the server knows. */
export type Predefined = readonly [key: string, value: string];

/** A predefined variable is data: one that holds `$` or `%`, like a commit message, is never expanded. */
export function publicVariable([key, value]: Predefined): JobVariable {
  return { key, value, public: true, masked: false, file: false, raw: /[$%]/.test(value) };
}

/** One that service containers do not see. */
export function privateVariable(key: string, value: string, masked: boolean): JobVariable {
  return { key, value, public: false, masked, file: false, raw: /[$%]/.test(value) };
}

/**
 * Variables that scripts trust: one given with a pipeline or at play never replaces them (security VAR-7).
 */
export function isTrusted(key: string): boolean {
  return /^CI_(?:JOB_TOKEN|JOB_ID|PROJECT_ID|REGISTRY.*|SERVER_.*|SERVER)$/.test(key);
}
