import type { inputsToRunWith } from '../../pipeline/job-inputs.ts';
import type { JobPayload } from '../protocol.ts';

/** `inputs` of a job (runner-api 3). */
export function inputsOf(inputs: Awaited<ReturnType<typeof inputsToRunWith>>): JobPayload['inputs'] {
  return inputs.map(({ name: key, type, content }) => ({ key, value: { type, content, sensitive: false } }));
}
