import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { forgetStaleManagers, LEGACY_SYSTEM_ID, type Manager, managersOf, noteContact } from './manager.ts';
import type { RunnerInfo } from './protocol.ts';
import { registerRunner } from './register.ts';
import { type Runner, runnerById } from './runner.ts';
import { STALE_AFTER } from './status.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const GOOD: RunnerInfo = {
  version: '19.4.0',
  revision: 'abc',
  platform: 'linux',
  architecture: 'amd64',
  executor: 'docker',
  features: { cancel_gracefully: true, refspecs: false },
};

async function newRunner(db: Database): Promise<Runner> {
  const made = await db.transaction((tx) =>
    registerRunner(tx, { type: 'instance_type' }, {}, { creatorId: null, now: NOW }),
  );
  assert.ok(made.ok);
  return (await runnerById(db.read, made.id))!;
}

async function call(
  db: Database,
  runner: Runner,
  options: { now?: number; info?: unknown; systemId?: string; asksForJobs?: boolean } = {},
): Promise<{ runner: Runner; managers: Manager[] }> {
  const { now = NOW, info = GOOD, asksForJobs = true } = options;
  const systemId = 'systemId' in options ? options.systemId : 's_1';
  await noteContact(db, { runner, systemId, info: info as RunnerInfo, ip: '10.0.0.1', asksForJobs, now });
  return { runner: (await runnerById(db.read, runner.id))!, managers: await managersOf(db.read, runner.id) };
}

forEachEngine('a call of a runner', (open) => {
  it('makes its manager known by what it says', async () => {
    const db = await open();
    const { managers } = await call(db, await newRunner(db));
    const { id: _, runnerId: __, ...said } = managers[0]!;
    assert.deepEqual(said, {
      systemId: 's_1',
      version: '19.4.0',
      revision: 'abc',
      platform: 'linux',
      architecture: 'amd64',
      executor: 'docker',
      ipAddress: '10.0.0.1',
      features: { cancel_gracefully: true },
      contactedAt: NOW,
      createdAt: NOW,
    });
  });

  it('finishes the creation of the runner only when it asks for jobs', async () => {
    const db = await open();
    const verified = await call(db, await newRunner(db), { asksForJobs: false });
    assert.deepEqual([verified.runner.contactedAt, verified.runner.creationFinished], [NOW, false]);
    const asked = await call(db, verified.runner);
    assert.equal(asked.runner.creationFinished, true);
  });

  it('is not written down again within 40 minutes, and is after 55', async () => {
    const db = await open();
    const first = await call(db, await newRunner(db));
    const soon = await call(db, first.runner, { now: NOW + 39 * 60_000 });
    assert.deepEqual([soon.runner.contactedAt, soon.managers[0]?.contactedAt], [NOW, NOW]);
    const later = await call(db, soon.runner, { now: NOW + HOUR });
    assert.deepEqual([later.runner.contactedAt, later.managers[0]?.contactedAt], [NOW + HOUR, NOW + HOUR]);
  });

  it('is written down at once when something about the manager changed', async () => {
    const db = await open();
    const first = await call(db, await newRunner(db));
    const { managers } = await call(db, first.runner, {
      now: NOW + 1000,
      info: { ...GOOD, version: '20.0.0' },
    });
    assert.deepEqual([managers.length, managers[0]?.version, managers[0]?.createdAt], [1, '20.0.0', NOW]);
  });

  it('leaves what it does not say as it was', async () => {
    const db = await open();
    const first = await call(db, await newRunner(db));
    const { runner } = await call(db, first.runner, { info: {} });
    const { managers } = await call(db, runner, { info: { version: '20.0.0', features: {} } });
    assert.deepEqual(managers, [{ ...first.managers[0]!, version: '20.0.0' }]);
  });

  it('tells machines with one token apart by their system id', async () => {
    const db = await open();
    const { runner } = await call(db, await newRunner(db));
    await call(db, runner, { systemId: 's_2' });
    await call(db, runner, { systemId: undefined } as never);
    const { managers } = await call(db, runner, { systemId: '' });
    assert.deepEqual(
      managers.map(({ systemId }) => systemId),
      [LEGACY_SYSTEM_ID, 's_2', 's_1'],
    );
  });

  it('is believed only as far as it makes sense', async () => {
    const db = await open();
    const info = {
      version: 'v'.repeat(300),
      platform: ['linux'],
      executor: 'teleport',
      features: { cancel_gracefully: 'yes', 'no such feature!': true, refspecs: true },
    };
    const { managers } = await call(db, await newRunner(db), { info });
    const { version, platform, executor, features } = managers[0]!;
    assert.deepEqual(
      [version?.length, platform, executor, features],
      [255, null, 'unknown', { refspecs: true }],
    );
  });
});

forEachEngine('managers', (open) => {
  it('are forgotten after seven days of silence, in batches', async () => {
    const db = await open();
    const { runner } = await call(db, await newRunner(db));
    await call(db, runner, { systemId: 's_2' });
    await call(db, runner, { systemId: 's_3', now: NOW + HOUR });
    const now = NOW + STALE_AFTER + 1;
    const forget = () => db.transaction((tx) => forgetStaleManagers(tx, now, 1));
    assert.deepEqual([await forget(), await forget(), await forget()], [1, 1, 0]);
    assert.deepEqual(
      (await managersOf(db.read, runner.id)).map(({ systemId }) => systemId),
      ['s_3'],
    );
  });
});
