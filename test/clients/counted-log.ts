import { createHash } from 'node:crypto';

/** A script that says `lines` numbered lines in a form whose loss or repetition shows, over time. */
export function countingScript(lines: number, pauseSeconds: number): string {
  return `for n in $(seq 1 ${lines}); do echo "line $n $(printf '%s' "$n" | sha256sum | cut -c1-40)"; sleep ${pauseSeconds}; done`;
}

/** The lines that `countingScript` says, as they are found in a log. */
export function countedLines(log: string): string[] {
  return log.match(/^line \d+ [0-9a-f]{40}(?=\r?$)/gm) ?? [];
}

/** What they should be. */
export function expectedLines(lines: number): string[] {
  return Array.from({ length: lines }, (_, index) => {
    const digest = createHash('sha256')
      .update(String(index + 1))
      .digest('hex');
    return `line ${index + 1} ${digest.slice(0, 40)}`;
  });
}
