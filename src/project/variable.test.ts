import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { createGroup } from './create-group.ts';
import { createProject } from './create-project.ts';
import { createUser } from './create-user.ts';
import { Encryption } from './encryption.ts';
import { firstStart } from './first-start.ts';
import type { Project } from './project.ts';
import { SignInFailures, signIn } from './sign-in.ts';
import { createVariable, scopeFits, secretVariables, type VariableOwner } from './variable.ts';

const SCOPES: [scope: string, environment: string | null, fits: boolean][] = [
  ['*', null, true],
  ['*', 'production', true],
  ['production', null, false],
  ['production', 'production', true],
  ['review/*', 'review/feature', true],
  ['review/*', 'review', false],
  ['a.b*', 'axb1', false],
  ['(a+)+$', 'aaaa', false],
];

describe('an environment scope is literal text with *', () => {
  for (const [scope, environment, fits] of SCOPES) {
    it(`${scope} ${fits ? 'covers' : 'does not cover'} ${environment ?? 'a job without environment'}`, () => {
      assert.equal(scopeFits(scope, environment), fits);
    });
  }
});

forEachEngine('variables of a job', (open) => {
  const encryption = new Encryption([Buffer.alloc(32, 1)]);
  let db: Database;
  let project: Project;

  const add = (owner: VariableOwner, key: string, value: string, extra: object = {}) =>
    db.transaction(async (tx) => {
      const values = {
        key,
        value,
        type: 'env_var' as const,
        protected: false,
        masked: false,
        hidden: false,
        raw: false,
        environmentScope: '*',
        description: null,
        ...extra,
      };
      assert.equal((await createVariable(tx, encryption, owner, values, 1)).ok, true);
    });

  before(async () => {
    db = await open();
    const owners = await db.transaction(async (tx) => {
      const user = await createUser(tx, { username: 'ann', name: 'Ann', email: 'ann@example.com' }, 1);
      assert.ok(user.ok);
      const outer = await createGroup(tx, user.user, null, { name: 'Outer', path: 'outer' }, 1);
      assert.ok(outer.ok);
      const inner = await createGroup(tx, user.user, outer.group, { name: 'Inner', path: 'inner' }, 1);
      assert.ok(inner.ok);
      const made = await createProject(tx, user.user, { name: 'app', namespaceId: inner.group.id }, 1);
      assert.ok(made.ok);
      return { outer: outer.group.id, inner: inner.group.id, project: made.project };
    });
    project = owners.project;
    await add({ level: 'project', id: project.id }, 'LEVEL', 'project');
    await add({ level: 'group', id: owners.inner }, 'LEVEL', 'inner');
    await add({ level: 'group', id: owners.outer }, 'LEVEL', 'outer');
    await add({ level: 'instance', id: 0 }, 'LEVEL', 'instance');
    await add({ level: 'instance', id: 0 }, 'ONLY_INSTANCE', 'x', { type: 'file', raw: true });
    const own = { level: 'project', id: project.id } as const;
    await add(own, 'SECRET', 'protected-value', { protected: true, masked: true });
    await add(own, 'URL', 'everywhere');
    await add(own, 'URL', 'all reviews', { environmentScope: 'review/*' });
    await add(own, 'URL', 'this review', { environmentScope: 'review/feature*' });
  });

  const secrets = async (protectedRef: boolean, environment: string | null) => {
    const found = await secretVariables(db.read, encryption, project, { protectedRef, environment });
    return found.map(({ key, value }) => `${key}=${value}`);
  };

  it('come from the instance, the groups from the outside in, and the project, which wins', async () => {
    const found = await secrets(false, null);
    assert.deepEqual(
      found.filter((text) => text.startsWith('LEVEL=')),
      ['LEVEL=instance', 'LEVEL=outer', 'LEVEL=inner', 'LEVEL=project'],
    );
  });

  it('keep their type and flags', async () => {
    const found = await secretVariables(db.read, encryption, project, {
      protectedRef: true,
      environment: null,
    });
    assert.deepEqual(
      found.find(({ key }) => key === 'ONLY_INSTANCE'),
      { key: 'ONLY_INSTANCE', value: 'x', public: false, masked: false, file: true, raw: true },
    );
    assert.equal(found.find(({ key }) => key === 'SECRET')?.masked, true);
  });

  it('when protected reach protected refs only', async () => {
    assert.equal((await secrets(false, null)).includes('SECRET=protected-value'), false);
    assert.equal((await secrets(true, null)).includes('SECRET=protected-value'), true);
  });

  it('come in the most specific scope that covers the environment', async () => {
    const url = async (environment: string | null) =>
      (await secrets(false, environment)).filter((text) => text.startsWith('URL='));
    assert.deepEqual(await url(null), ['URL=everywhere']);
    assert.deepEqual(await url('production'), ['URL=everywhere']);
    assert.deepEqual(await url('review/x'), ['URL=all reviews']);
    assert.deepEqual(await url('review/feature-1'), ['URL=this review']);
  });
});

forEachEngine('the first start', (open) => {
  it('makes an administrator once, with what was given or something random', async () => {
    const db = await open();
    const first = await firstStart(db, { rootToken: null, rootPassword: null }, 1);
    assert.match(first?.token ?? '', /^glpat-[\w-]{27}$/);
    assert.equal(first?.password.length, 20);
    assert.equal(await firstStart(db, { rootToken: 'glpat-other', rootPassword: null }, 2), null);
    const failures = new SignInFailures();
    const enter = (login: string, password: string) => signIn(db.read, failures, login, password, 3);
    const known = await enter('ROOT', first!.password);
    assert.equal(known.ok && known.user.admin, true);
    assert.deepEqual(await enter('root', 'wrong'), { ok: false, reason: 'wrong' });
    assert.deepEqual(await enter('nobody', 'wrong'), { ok: false, reason: 'wrong' });
  });
});
