import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { moveRef } from './move-ref.ts';
import { AlreadySettled, type Push, type PushDeps, recoverPushes } from './push.ts';
import { confirmPush, insertPush, pushesBefore } from './queries.ts';
import { ZERO_SHA } from './ref-name.ts';
import { headBranch, resolve, setHead } from './refs.ts';
import { Repositories } from './repository.ts';
import { writeCommit } from './write-commit.ts';

const NOWHERE = '1'.repeat(40);
const DAY_MS = 24 * 60 * 60 * 1000;
const update = (ref: string, oldSha: string, newSha: string) => ({ ref, oldSha, newSha });

forEachEngine('a push that a crash cut short', (open) => {
  const root = mkdtempSync(join(tmpdir(), 'teaspoon-git-'));
  const repositories = new Repositories(root);
  const pushed: Push[] = [];
  const errors: unknown[] = [];
  let projectId = 0;
  let database: Database;
  let deps: PushDeps;
  let sha = '';

  before(async () => {
    database = await open();
    deps = {
      db: database,
      repositories,
      onPush: async (push, settle) => {
        pushed.push(push);
        for (const one of push.updates) await database.transaction((tx) => settle(tx, one));
        return [];
      },
      onError: (error) => void errors.push(error),
    };
  });

  after(() => {
    repositories.close();
    rmSync(root, { recursive: true, force: true });
  });

  beforeEach(async () => {
    projectId++;
    await repositories.create(projectId, 'main');
    const person = { name: 'Ada', email: 'ada@example.com' };
    const written = await writeCommit(repositories, projectId, {
      parent: null,
      actions: [{ action: 'create', path: 'a', content: Buffer.from('a') }],
      message: 'First',
      author: person,
      committer: person,
      now: 1000,
    });
    assert.ok(written.ok);
    sha = written.sha;
    await moveRef(deps, { projectId, userId: 5 }, update('refs/heads/main', ZERO_SHA, sha), 1000);
    pushed.length = 0;
    errors.length = 0;
  });

  const notes = () => pushesBefore(database.read, Number.MAX_SAFE_INTEGER, 0);
  const note = (updates: Push['updates'], at = 1000) =>
    database.transaction((tx) => insertPush(tx, { projectId, userId: 5, options: ['x'], updates }, at));
  const failing = (error: Error): PushDeps => ({
    ...deps,
    onPush: async () => {
      throw error;
    },
  });

  test('is completed, once, when its refs moved', async () => {
    await note([update('refs/heads/main', ZERO_SHA, sha), update('refs/heads/gone', sha, ZERO_SHA)]);
    assert.equal(await recoverPushes(deps, 2000, 0), 1);
    assert.deepEqual(
      pushed[0]?.updates.map(({ ref }) => ref),
      ['refs/heads/main', 'refs/heads/gone'],
    );
    assert.deepEqual(pushed[0]?.options, ['x']);
    assert.equal(await recoverPushes(deps, 2000, 0), 0);
    assert.equal(pushed.length, 1);
  });

  test('is forgotten when its refs did not move: it was never acknowledged', async () => {
    await note([update('refs/heads/never', ZERO_SHA, sha), update('refs/heads/main', ZERO_SHA, NOWHERE)]);
    await recoverPushes(deps, 2000, 0);
    assert.deepEqual(pushed, []);
    assert.deepEqual(await notes(), []);
  });

  test('is completed when it was confirmed, though its ref has moved on', async () => {
    const updates = [update('refs/heads/main', ZERO_SHA, NOWHERE)];
    const id = await note(updates);
    await database.transaction((tx) => confirmPush(tx, id, updates));
    await recoverPushes(deps, 2000, 0);
    assert.deepEqual(pushed[0]?.updates, updates);
  });

  test('is left alone while it may be under way elsewhere', async () => {
    await note([update('refs/heads/main', ZERO_SHA, sha)], 1500);
    assert.equal(await recoverPushes(deps, 2000, 1000), 0);
    assert.equal((await notes()).length, 1);
    assert.equal(await recoverPushes(deps, 3000, 1000), 1);
  });

  test('is kept while its handler fails, and completed later', async () => {
    const move = update('refs/heads/x', ZERO_SHA, sha);
    assert.equal(await moveRef(failing(new Error('no space')), { projectId, userId: 5 }, move, 1000), null);
    assert.equal(await resolve(repositories, projectId, 'x'), sha);
    assert.equal((errors[0] as Error).message, 'no space');
    assert.equal((await notes())[0]?.confirmed, true);
    assert.equal(await recoverPushes(deps, 2000, 0), 1);
    assert.equal(pushed[0]?.updates[0]?.ref, 'refs/heads/x');
  });

  test('does not stop the others, and is given up after a day', async () => {
    await note([update('refs/heads/main', ZERO_SHA, sha)]);
    await recoverPushes(failing(new Error('poison')), 2000, 0);
    assert.equal((await notes()).length, 1);
    await recoverPushes(failing(new Error('poison')), 2000 + DAY_MS, 0);
    assert.deepEqual(await notes(), []);
    assert.equal(errors.length, 2);
  });

  test('leads to nothing twice: what it owed is taken off its note in one transaction', async () => {
    const move = update('refs/heads/main', ZERO_SHA, sha);
    await note([move]);
    const twice: PushDeps = {
      ...deps,
      onPush: async (push, settle) => {
        await database.transaction((tx) => settle(tx, move));
        await assert.rejects(
          database.transaction((tx) => settle(tx, move)),
          AlreadySettled,
        );
        pushed.push(push);
        return [];
      },
    };
    await recoverPushes(twice, 2000, 0);
    assert.equal(pushed.length, 1);
  });

  test('leaves no lock that matters: an old one is removed, a fresh one is respected', async () => {
    const lock = join(repositories.path(projectId), 'refs', 'heads', 'x.lock');
    writeFileSync(lock, '');
    const move = update('refs/heads/x', ZERO_SHA, sha);
    assert.equal(await moveRef(deps, { projectId, userId: 5 }, move, 1000), 'failed to update ref');
    utimesSync(lock, 0, 0);
    assert.equal(await moveRef(deps, { projectId, userId: 5 }, move, 1000), null);
    const head = join(repositories.path(projectId), 'HEAD.lock');
    writeFileSync(head, '');
    utimesSync(head, 0, 0);
    await setHead(repositories, projectId, 'x');
    assert.equal(await headBranch(repositories, projectId), 'x');
  });

  test('is not begun when the ref stands elsewhere than said', async () => {
    const move = update('refs/heads/main', NOWHERE, sha);
    const refusal = await moveRef(deps, { projectId, userId: 5 }, move, 1000);
    assert.match(refusal ?? '', /changed meanwhile|failed to update/);
    assert.deepEqual(pushed, []);
    assert.deepEqual(await notes(), []);
  });
});
