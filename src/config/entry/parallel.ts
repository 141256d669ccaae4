import { Float } from '../yaml-value.ts';
import { aHash, type Check } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkConfig, requireKeys } from './keys.ts';
import { type MatrixRow, readMatrix } from './matrix.ts';

/** `parallel` as read: so many equal jobs, or one for each combination of values. */
export type Parallel = { kind: 'number'; total: number } | { kind: 'matrix'; rows: MatrixRow[] };

const MAX = 200;

const jobCount: Check = (value) => {
  if (!Number.isInteger(value)) return 'must be an integer';
  if ((value as number) < 1) return 'must be greater than or equal to 1';
  return (value as number) > MAX ? `must be less than or equal to ${MAX}` : null;
};

/** `parallel` of a job, of a trigger job or of a need, which two only take a matrix (ci-yaml 8.6). */
export function readParallel(entry: Entry, owner: 'job' | 'bridge' | 'need'): Parallel | null {
  const { value } = entry;
  if (typeof value === 'number' || value instanceof Float) {
    if (owner === 'job') checkConfig(entry, jobCount);
    else entry.error('config', 'cannot use "parallel: <number>".');
    return { kind: 'number', total: typeof value === 'number' ? value : 1 };
  }
  if (aHash(value) !== null) {
    entry.kindError('should be an integer or a hash');
    return null;
  }
  allowKeys(entry, ['matrix']);
  requireKeys(entry, ['matrix']);
  return entry.sound ? { kind: 'matrix', rows: readMatrix(entry.child('matrix')) } : null;
}
