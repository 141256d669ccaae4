import type { JobPayload } from '../runner/protocol.ts';
import { JobFailed, type JobFailure, systemFailure } from './job-failure.ts';

/** `${{ … }}`; a backslash before it keeps it as text. */
const EXPRESSION = /(\\)?\$\{\{(.*?)\}\}/gs;
const ACCESS = /^(?:str\()?job\.inputs((?:\.[A-Za-z_][\w-]*|\[\d+\])+)\)?$/;

/**
 * The job with `${{ job.inputs.NAME }}` filled in where GitLab's runner does so: scripts, artifacts and cache. A job
 * without inputs is left as it is. The failure is that of an expression which names no input.
 */
export function expandInputs(
  job: JobPayload,
): { ok: true; job: JobPayload } | { ok: false; failure: JobFailure } {
  if (job.inputs.length === 0) return { ok: true, job };
  const values = new Map(job.inputs.map(({ key, value }) => [key, value.content]));
  const { steps, hooks, artifacts, cache } = job;
  try {
    return { ok: true, job: { ...job, ...(fill({ steps, hooks, artifacts, cache }, values) as typeof job) } };
  } catch (error) {
    if (error instanceof JobFailed) return { ok: false, failure: error.failure };
    throw error;
  }
}

function fill(value: unknown, values: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string') return fillText(value, values);
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, values)]));
}

function fillText(text: string, values: ReadonlyMap<string, unknown>): string {
  return text.replace(EXPRESSION, (whole, escaped: string | undefined, expression: string) =>
    escaped === undefined ? evaluate(expression.trim(), values) : whole.slice(1),
  );
}

function evaluate(expression: string, values: ReadonlyMap<string, unknown>): string {
  const path = ACCESS.exec(expression)?.[1]?.match(/[\w-]+/g) ?? [];
  const [name, ...rest] = path;
  let value = name === undefined ? undefined : values.get(name);
  for (const key of rest) value = memberOf(value, key);
  if (value === undefined) {
    throw systemFailure(`\${{ ${expression} }} names no input of this job: write \${{ job.inputs.NAME }}`);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
