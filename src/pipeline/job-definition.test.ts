import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import {
  type BridgeDefinition,
  definitionById,
  definitionsByIds,
  prepareDefinitions,
  storeDefinition,
  storeDefinitions,
} from './job-definition.ts';

const bridge = (stage: string): BridgeDefinition => ({
  type: 'bridge',
  stage,
  variables: [{ key: 'A', value: stage, raw: false }],
  startInSeconds: null,
  allowFailureExitCodes: [],
  manualConfirmation: null,
  crossNeeds: [],
  environment: null,
  parallel: null,
  trigger: null,
});

forEachEngine('job definitions', (openDatabase) => {
  let db: Database;
  before(async () => {
    db = await openDatabase();
  });

  it('are stored once', async () => {
    const first = await db.transaction((tx) => storeDefinition(tx, bridge('test')));
    const again = await db.transaction((tx) => storeDefinition(tx, bridge('test')));
    assert.equal(again, first);
    assert.deepEqual(await definitionById(db.read, first), bridge('test'));
  });
  it('come back in the order given, repeated as given', async () => {
    const stages = ['a', 'b', 'a', 'c', 'b'];
    const prepared = await prepareDefinitions(stages.map(bridge));
    const ids = await db.transaction((tx) => storeDefinitions(tx, prepared));
    assert.deepEqual([ids[2], ids[4], new Set(ids).size], [ids[0], ids[1], 3]);
    const byId = await definitionsByIds(db.read, ids);
    assert.deepEqual(
      ids.map((id) => byId.get(id)?.stage),
      stages,
    );
  });
  it('of a transaction that is rolled back are not remembered', async () => {
    const failing = db.transaction(async (tx) => {
      await storeDefinition(tx, bridge('lost'));
      throw new Error('rolled back');
    });
    await assert.rejects(failing, /rolled back/);
    const id = await db.transaction((tx) => storeDefinition(tx, bridge('lost')));
    assert.equal((await definitionById(db.read, id)).stage, 'lost');
  });
  it('stored by two at the same time are one', async () => {
    const prepared = await prepareDefinitions(Array.from({ length: 300 }, (_, i) => bridge(`s${i}`)));
    const ids = await Promise.all(
      Array.from({ length: 4 }, () => db.transaction((tx) => storeDefinitions(tx, prepared))),
    );
    for (const other of ids) assert.deepEqual(other, ids[0]);
  });
  it('one that is missing is an error, not an empty job', async () => {
    await assert.rejects(definitionById(db.read, 999_999), /missing/);
  });
});
