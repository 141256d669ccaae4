/** One job's time at work, in milliseconds; `to` null: it still runs. */
export interface RunTime {
  from: number;
  to: number | null;
}

/** Whole seconds in which at least one job ran: the length of the union of their times (ci-yaml 26.1). */
export function durationSeconds(times: readonly RunTime[], now: number): number {
  const sorted = [...times].sort((a, b) => a.from - b.from);
  let total = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of sorted) {
    const end = to ?? now;
    if (end <= until) continue;
    total += end - Math.max(from, until);
    until = end;
  }
  return Math.floor(total / 1000);
}
