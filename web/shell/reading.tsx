import type { ComponentChildren } from 'preact';
import type { Reading } from '../api/reading.ts';
import { ProblemNote } from './problem.tsx';
import { SkeletonRows } from './skeleton.tsx';

/** What was read, or that it is on its way, or why it cannot be had; `empty` is in place of a list with nothing in it. */
export function Read<T>({
  reading,
  empty,
  children,
}: {
  reading: Reading<T>;
  empty?: ComponentChildren;
  children: (value: T) => ComponentChildren;
}) {
  const { value, problem, reload } = reading;
  if (empty !== undefined && Array.isArray(value) && value.length === 0) return <>{empty}</>;
  if (value !== undefined) return <>{children(value)}</>;
  return problem === null ? <SkeletonRows /> : <ProblemNote problem={problem} onRetry={reload} />;
}
