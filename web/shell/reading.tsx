import type { ComponentChildren } from 'preact';
import type { Reading } from '../api/reading.ts';
import { ProblemNote } from './problem.tsx';
import { SkeletonRows } from './skeleton.tsx';

/** What was read, or that it is on its way, or why it cannot be had. */
export function Read<T>({
  reading,
  children,
}: {
  reading: Reading<T>;
  children: (value: T) => ComponentChildren;
}) {
  const { value, problem, reload } = reading;
  if (value !== undefined) return <>{children(value)}</>;
  return problem === null ? <SkeletonRows /> : <ProblemNote problem={problem} onRetry={reload} />;
}
