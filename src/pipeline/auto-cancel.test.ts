import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { casePipeline } from '../../test/conformance/pipeline-processing/cases.ts';
import {
  type StoredOptions,
  StoredPipeline,
  storePipeline,
  storeProject,
} from '../../test/conformance/pipeline-processing/stored-pipeline.ts';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { cancelRedundantPipelines } from './auto-cancel.ts';

const NOW = 1_700_000_000_000;
const DAY = 24 * 3600_000;
const shape = casePipeline({
  lint: { stage: 'build', script: 'x' },
  ship: { stage: 'build', script: 'x' },
  last: { stage: 'test', script: 'x' },
});

interface Row {
  name: string;
  older?: StoredOptions;
  newer?: StoredOptions;
  /** How much older, milliseconds. */
  age?: number;
  /** Jobs of the older pipeline that a runner has taken. */
  started?: string[];
  projectSetting?: number;
  /** Commit of the ref; that of the newer pipeline when absent. */
  head?: string;
  /** lint, ship and last afterwards. */
  expect: string[];
}

const untouched = ['pending', 'pending', 'created'];
const canceled = ['canceled', 'canceled', 'canceled'];
const lintOnly = { interruptible: ({ name }: { name: string }) => name === 'lint' };

const TABLE: Row[] = [
  { name: 'nothing has started: all of it goes', expect: canceled },
  {
    name: 'an interruptible job has started: all of it goes',
    older: lintOnly,
    started: ['lint'],
    expect: canceled,
  },
  {
    name: 'a job that must not be interrupted has started: all of it stays',
    older: lintOnly,
    started: ['lint', 'ship'],
    expect: ['running', 'running', 'created'],
  },
  {
    name: 'interruptible: only those jobs go',
    older: { ...lintOnly, onNewCommit: 'interruptible' },
    started: ['lint', 'ship'],
    expect: ['canceled', 'running', 'created'],
  },
  { name: 'none: nothing goes', older: { onNewCommit: 'none' }, expect: untouched },
  { name: 'the same commit: nothing goes', newer: { sha: 'a'.repeat(40) }, expect: untouched },
  { name: 'the commit that the ref is at: nothing goes', head: 'a'.repeat(40), expect: untouched },
  { name: 'older than a week: nothing goes', age: 7 * DAY + 1, expect: untouched },
  { name: 'a child pipeline is new: nothing goes', newer: { source: 'parent_pipeline' }, expect: untouched },
  { name: 'the project does not want it: nothing goes', projectSetting: 0, expect: untouched },
];

forEachEngine('redundant pipelines', (open) => {
  let db: Database;
  before(async () => {
    db = await open();
  });

  for (const { name, older, newer, age = 1000, started = [], projectSetting = 1, head, expect } of TABLE) {
    it(name, async () => {
      const projectId = await storeProject(db);
      await db.transaction((tx) =>
        tx.sql
          .updateTable('projects')
          .set({ auto_cancel_pending_pipelines: projectSetting })
          .where('id', '=', projectId)
          .execute(),
      );
      const oldId = await storePipeline(db, projectId, shape, NOW - age, older);
      const old = new StoredPipeline(db, oldId, shape, NOW - age);
      for (const job of started) await old.event('run', job);
      const newId = await storePipeline(db, projectId, shape, NOW, { sha: 'b'.repeat(40), ...newer });
      await db.transaction((tx) => cancelRedundantPipelines(tx, newId, head ?? null, NOW));
      const { jobs } = await old.read();
      assert.deepEqual([jobs.lint, jobs.ship, jobs.last], expect);
      const row = await db.read.sql
        .selectFrom('pipelines')
        .select('auto_canceled_by_id')
        .where('id', '=', oldId)
        .executeTakeFirstOrThrow();
      assert.equal(row.auto_canceled_by_id, expect.includes('canceled') ? newId : null);
      assert.equal((await old.job('lint')).autoCanceledById, expect[0] === 'canceled' ? newId : null);
    });
  }

  it('what was overtaken while it was being stored goes itself', async () => {
    const projectId = await storeProject(db);
    const oldId = await storePipeline(db, projectId, shape, NOW);
    const newId = await storePipeline(db, projectId, shape, NOW, { sha: 'b'.repeat(40) });
    await db.transaction((tx) => cancelRedundantPipelines(tx, oldId, 'b'.repeat(40), NOW));
    const statuses = async (id: number) =>
      Object.values((await new StoredPipeline(db, id, shape, NOW).read()).jobs);
    assert.deepEqual(await statuses(oldId), canceled);
    assert.deepEqual(await statuses(newId), untouched);
  });
});
