import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { FileTraces } from './store/files.ts';

const ROUNDS = 10;
const JOBS = [1, 2, 3, 4, 5, 6, 7, 8];
const NOW = 1_700_000_000_000;

/** Record `n` of a job: known content of a known length, so that any prefix of a log can be checked. */
function record(jobId: number, n: number): string {
  return `job ${jobId} record ${String(n).padStart(6, '0')} ${'x'.repeat((n * 37) % 400)}\n`;
}

function expected(jobId: number, size: number): string {
  let text = '';
  for (let n = 0; text.length < size; n++) text += record(jobId, n);
  return text.slice(0, size);
}

/** Appends to all jobs at once until it is killed; says `<job> <size>` for each acknowledgement. */
async function write(dir: string): Promise<void> {
  const live = await FileTraces.open(dir, 4);
  const writeJob = async (jobId: number) => {
    let size = await live.size(jobId);
    for (;;) {
      let n = 0;
      let start = 0;
      while (start + record(jobId, n).length <= size) start += record(jobId, n++).length;
      const bytes = Buffer.from(record(jobId, n)).subarray(size - start);
      const result = await live.append({ jobId, start: size, bytes, limit: 1e9, now: NOW }, async () => true);
      if (!result.ok) throw new Error(result.reason);
      size = result.size;
      process.stdout.write(`${jobId} ${size}\n`);
    }
  };
  await Promise.all(JOBS.map(writeJob));
}

/** Lets a writer acknowledge `count` appends, kills it, and gives the largest acknowledged size per job. */
async function killedAfter(dir: string, count: number): Promise<Map<number, number>> {
  const child = spawn(process.execPath, [import.meta.filename, 'writer', dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const acknowledged = new Map<number, number>();
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [jobId, size] = line.split(' ').map(Number);
    acknowledged.set(jobId!, size!);
    if (++seen === count) child.kill('SIGKILL');
  }
  assert.equal(await exited, 'SIGKILL');
  return acknowledged;
}

if (process.argv[2] === 'writer') await write(process.argv[3]!);
else {
  it('every acknowledged byte survives kill -9, in order, once', { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'teaspoon-trace-crash-'));
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const acknowledged = await killedAfter(dir, 20 + ((round * 53) % 170));
        const live = await FileTraces.open(dir);
        for (const [jobId, acked] of acknowledged) {
          const size = await live.size(jobId);
          assert.ok(size >= acked, `job ${jobId}: ${size} bytes stored, ${acked} acknowledged`);
          const parts: Buffer[] = [];
          for await (const part of live.read(jobId, 0, size)) parts.push(part);
          assert.equal(Buffer.concat(parts).toString(), expected(jobId, size));
        }
        await live.close();
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
}
