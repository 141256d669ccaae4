import type { JobPayload } from '../protocol.ts';

/** `inputs` of a job with their defaults (ci-yaml 3). */
export function inputsOf(specs: Record<string, unknown> | null): JobPayload['inputs'] {
  return Object.entries(specs ?? {}).map(([key, spec]) => {
    const { type, default: content } = (spec ?? {}) as { type?: unknown; default?: unknown };
    return {
      key,
      value: {
        type: typeof type === 'string' ? type : 'string',
        content: content ?? null,
        sensitive: false,
      },
    };
  });
}
