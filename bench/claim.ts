/**
 * Processor time of one claim in the queue alone, without HTTP and without a commit, by how many jobs wait in how many
 * projects: it must not grow with either. `node bench/claim.ts`
 */
import type { Database } from '../src/db/database.ts';
import { claim, settleClaims } from '../src/queue/claim.ts';
import { enqueue } from '../src/queue/enqueue.ts';
import { started } from '../src/queue/running.ts';
import { openTestDatabase } from '../test/databases.ts';
import { RUNNER as ANY_RUNNER } from '../test/queue-world.ts';

const CLAIMS = 1000;
const RUNNER = { ...ANY_RUNNER, tags: ['a'] };

async function fill(db: Database, jobs: number, projects: number): Promise<void> {
  const place = { groupIds: [], instanceRunners: true, groupRunners: true, protected: false, queuedAt: 0 };
  for (let from = 1; from <= jobs; from += 1000) {
    await db.transaction(async (tx) => {
      for (let jobId = from; jobId < from + 1000 && jobId <= jobs; jobId++) {
        const tags = jobId % 3 === 0 ? ['a'] : [];
        await enqueue(tx, [{ ...place, jobId, projectId: jobId % projects, tags }]);
      }
    });
  }
}

/** Microseconds of processor time per claim. */
async function claimMany(db: Database, projects: number): Promise<number> {
  const before = process.cpuUsage();
  await db.transaction(async (tx) => {
    for (let i = 0; i < CLAIMS; i++) {
      const claimed = (await claim(tx, [RUNNER]))[0]!;
      if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
      const { jobId } = claimed;
      await started(tx, [{ jobId, projectId: jobId % projects, runnerId: 1, runnerType: 'instance_type' }]);
      await settleClaims(tx);
    }
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CLAIMS;
}

for (const projects of [1, 1000]) {
  for (const waiting of [100, 1000, 10_000, 100_000]) {
    const { database, drop } = await openTestDatabase('sqlite');
    await fill(database, waiting + 2 * CLAIMS, projects);
    await claimMany(database, projects);
    const micros = await claimMany(database, projects);
    console.log(`${projects} projects, ${waiting} jobs wait: ${micros.toFixed(0)} us per claim`);
    await drop();
  }
}
