import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pipelineJobIds } from '../../src/api/read/job-lists.ts';
import { openPostgresDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import type { Reading } from '../../src/db/transaction.ts';
import { oldestWaiting, waitingEvents } from '../../src/pipeline/queries/hook-events.ts';
import { loadState } from '../../src/pipeline/queries/pipeline-state.ts';
import { firstOffers, headOfLane } from '../../src/queue/queries.ts';
import { ENGINES } from '../databases.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { ExplainedDatabase } from './explained.ts';

const JOBS = 4000;
const PIPELINES = 4;
const WAITING = 100_000;
/** Rows that are read at once, at most. */
const PAGE = 250;

const skip = ENGINES.includes('postgres') ? false : 'only PostgreSQL plans for the rows that there are';

/** Where a row in four is of the pipeline that is asked for, its index promises PostgreSQL little. */
describe('a few large pipelines, a hook that sends late and a long queue, planned once for all values', {
  skip,
}, () => {
  const opened: (() => unknown)[] = [];
  let explained: ExplainedDatabase;
  before(async () => {
    const { url, drop } = await createPostgresDatabase();
    opened.push(drop);
    const db = await openPostgresDatabase(url, 4);
    opened.push(() => db.close());
    await migrate(db);
    const run = (text: string) => db.read.rows(text, []);
    await run(`insert into jobs (type, project_id, pipeline_id, stage_id, definition_id, name, stage_index, status, "when",
        allow_failure, scheduling_type, ref, tag, protected, interruptible, retried, debug, created_at, updated_at)
      select 'build', 1, i / ${JOBS} + 1, 1, 1, i, i % 2, 'created', 'on_success', 0, 'stage', 'main', 0, 0, 0, 0, 0, 0, 0
      from generate_series(0, ${JOBS * PIPELINES - 1}) i order by i`);
    await run(`insert into stages (pipeline_id, name, position, status)
      select ${PIPELINES}, i, i, 'created' from generate_series(0, 1) i`);
    await run(`insert into web_hook_events (hook_id, project_id, trigger, idempotency_key, chain, created_at, delivered_at)
      select i % 2 + 1, 1, 'x', i, i, i, case when i < ${JOBS} then i end from generate_series(1, ${JOBS * 2}) i`);
    await run('vacuum analyze');
    // A queue comes and goes, so no page of it is known to be seen by all.
    await run(
      `insert into queue_lanes (project_id, kind, scopes) select i, 'u[]', '[]' from generate_series(1, 4) i`,
    );
    await run(`insert into queue_entries (job_id, lane_id, queued_at)
      select i, case when i > ${WAITING - 10} then 4 else i % 3 + 1 end, 0 from generate_series(1, ${WAITING}) i`);
    await run(`insert into queue_offers (lane_id, scope, kind, running, head_job_id)
      select lane_id, 'instance', 'u[]', 0, min(job_id) from queue_entries group by lane_id`);
    await run('analyze queue_entries');
    explained = await ExplainedDatabase.open(db, url);
    opened.push(() => explained.close());
  });
  after(async () => {
    for (const end of opened.reverse()) await end();
  });

  const first = { limit: 20, offset: 0, before: null };
  const rows: [what: string, read: (reading: Reading) => Promise<unknown>, counted: number][] = [
    ['the state of the newest pipeline, by pages', (reading) => loadState(reading, PIPELINES, 'running'), 0],
    [
      'the newest jobs of the oldest pipeline',
      (reading) => pipelineJobIds(reading, 1, { type: 'build', retried: false, statuses: [] }, first),
      JOBS,
    ],
    [
      'all attempts of the oldest pipeline',
      (reading) => pipelineJobIds(reading, 1, { type: 'build', retried: true, statuses: [] }, first),
      JOBS,
    ],
    ['what a hook has to send', (reading) => waitingEvents(reading, 1, 20), 0],
    ['since when it waits', (reading) => oldestWaiting(reading, 1), 0],
    [
      'what runners choose among',
      (reading) => firstOffers(reading, ['instance'], { lanes: 64, entries: 8 }),
      0,
    ],
    ['the first of the lane that came last', (reading) => headOfLane(reading, 4), 0],
  ];
  for (const [what, read, counted] of rows) {
    it(`${what}: read where they begin`, async () => {
      await read(explained.database.read);
      const ran = await explained.taken();
      assert.ok(ran.length > 0);
      const most = (one: (typeof ran)[number]) => (one.counted === null ? 2 * PAGE : counted);
      assert.deepEqual(
        ran.filter((one) => one.read > most(one)).map((one) => [one.read, one.text]),
        [],
      );
    });
  }
});
